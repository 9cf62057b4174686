import type { Observed, Vm } from '../domain/vm.ts';
import { providerOf } from './providers.ts';

/** How a VM is seen: undefined where its provider does not know it. @throws Fault */
export type Describe = (vm: Vm) => Promise<Observed | undefined>;

export const describeAlone: Describe = (vm) => providerOf(vm.provider).describe(vm);

/** What one look at VMs of one place came to. */
const lookAtAll = async (vms: readonly Vm[]): Promise<readonly (readonly [string, Describe])[]> => {
  const [first] = vms;
  const provider = first && providerOf(first.provider);
  if (provider?.describeAll === undefined) return [];
  try {
    const seen = await provider.describeAll(vms);
    return [...seen].map(([id, observed]) => [id, async () => observed] as const);
  } catch (error) {
    // Each that asks is told; who is of another Region is not.
    return vms.map(({ providerId = '' }) => [providerId, () => Promise.reject(error)] as const);
  }
};

/**
 * Looks at all of these in as few calls as their providers offer. @returns how each was seen then; a VM that was not among
 * these, or that the answer did not name, is looked at by itself
 */
export const lookedTogether = async (vms: readonly Vm[]): Promise<Describe> => {
  const known = new Map(vms.flatMap((vm) => (vm.providerId === undefined ? [] : [[vm.providerId, vm] as const])));
  const groups = Map.groupBy(known.values(), ({ provider, location }) => `${provider} ${location.region}`);
  const found = new Map((await Promise.all([...groups.values()].map(lookAtAll))).flat());
  return (vm) => (found.get(vm.providerId ?? '') ?? describeAlone)(vm);
};
