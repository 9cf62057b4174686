/** States in which nothing happens to an operation any more. */
export const CLOSED = ['succeeded', 'failed', 'cancelled', 'needs-attention'];

/** The least that is asked for on EC2. */
export const ec2Vm = (name: string) => ({ name, provider: 'ec2', image: 'al2023', size: 'small' });

/** The least that is asked for on KVM, and done once it runs. */
export const kvmVm = (name: string) => ({
  name,
  provider: 'kvm',
  image: 'test',
  vcpus: 1,
  memoryMiB: 160,
  diskGiB: 1,
  ready: 'running',
});

/** A word for the VMs of a suite that no other run uses. */
export const prefixOf = (word: string): string => `${word}-${Date.now().toString(36).slice(-5)}`;
