import type { Host } from './host.ts';
import type { Vm } from './vm.ts';

/** What becomes of a host as VMs come and go and as it is enrolled: by itself, for those who read no host. */

/** What a VM takes of its host; one that was only found there was never promised anything, as strangers are not. */
export const shareOf = ({
  vcpus,
  memoryMiB,
  disks,
  spec,
}: Pick<Vm, 'vcpus' | 'memoryMiB' | 'disks' | 'spec'>): Host['allocated'] =>
  spec === undefined
    ? { vcpus: 0, memoryMiB: 0, diskGiB: 0 }
    : { vcpus, memoryMiB, diskGiB: disks.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0) };

/** The host as its enrolment begins. One that was retired begins anew: with a unit whose reports count from 1. */
export const asEnrolling = (host: Host, at: string): Host => {
  const { reason: _, identity, ...rest } = host;
  const known = identity === undefined ? {} : { identity };
  const fresh = host.state === 'retired' ? { active: true, beatSeq: 0 } : known;
  return { ...rest, ...fresh, state: 'enrolling', changedAt: at };
};
