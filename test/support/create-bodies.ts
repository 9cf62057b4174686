import { CreateVm } from '../../lambdas/domain/create-vm.ts';

/** The least that a request for a VM on KVM says, and more. */
export const kvm = (more: object = {}) => ({ name: 'web-1', provider: 'kvm', image: 'debian-12', ...more });

/** The least that a request for a VM on EC2 says, and more. */
export const ec2 = (more: object = {}) => ({ name: 'web-1', provider: 'ec2', image: 'al2023', ...more });

/** Whether such a request is valid. */
export const takes = (body: object): boolean => CreateVm.safeParse(body).success;

/** What is said of a request that is refused; empty where it is valid. */
export const wordsOf = (body: object): string[] =>
  (CreateVm.safeParse(body).error?.issues ?? []).map(({ message }) => message);

/** A field, a request with it, values that it takes, and values that it does not. */
export type Field = readonly [string, (value: unknown) => object, readonly unknown[], readonly unknown[]];
