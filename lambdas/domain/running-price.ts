import { ec2Price, kvmPrice, type Price, type PriceBook } from './price.ts';
import type { Vm } from './vm.ts';

/** What an hour of a VM's running costs: on KVM its share of vCPU and memory, for its disk stays. */
export const runningPrice = (
  { provider, instanceType = '', location, vcpus, memoryMiB }: Vm,
  book: PriceBook,
): Price =>
  provider === 'ec2' ? ec2Price(instanceType, location.region ?? '') : kvmPrice({ vcpus, memoryMiB, diskGiB: 0 }, book);
