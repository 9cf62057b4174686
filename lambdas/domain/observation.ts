import { isDeepStrictEqual } from 'node:util';
import { strangerIdOf } from './ids.ts';
import { notRunning } from './trouble.ts';
import type { Observed, Vm } from './vm.ts';
import { isOff, type VmState } from './vm-state.ts';

/** What makes a VM of a provider the same one at every look. */
const placeKeyOf = ({ providerId, location }: Pick<Observed, 'providerId' | 'location'>): string =>
  `${location.hostId ?? location.region}/${providerId}`;

/** The id a VM that we did not make is shown under, here and at every later look. */
export const strangerId = (installation: string, observed: Pick<Observed, 'providerId' | 'location'>): string =>
  strangerIdOf(installation, placeKeyOf(observed));

/** The row of a VM that is seen for the first time: a stranger, read-only, unless it carries our mark. */
export const rowOf = (installation: string, observed: Observed, at: string): Vm => ({
  id: observed.vmId ?? strangerId(installation, observed),
  name: observed.name,
  provider: observed.location.hostId === undefined ? 'ec2' : 'kvm',
  managed: observed.vmId !== undefined,
  state: observed.state,
  desired: isOff(observed.state) ? 'stopped' : 'running',
  ready: { status: 'unknown', reason: 'NotWatched', message: 'Readiness is watched for VMs made here.', at },
  ...seen(observed),
  tags: observed.tags,
  deletionProtection: false,
  createdAt: at,
  changedAt: at,
  observedAt: at,
  version: 1,
});

/** What a look tells of a VM whatever state it is in. */
const seen = (observed: Observed) => ({
  providerId: observed.providerId,
  location: observed.location,
  ...(observed.instanceType === undefined ? {} : { instanceType: observed.instanceType }),
  vcpus: observed.vcpus,
  memoryMiB: observed.memoryMiB,
  disks: observed.disks,
  nics: observed.nics,
  addresses: observed.addresses,
});

/** Gone at its provider without our asking is `lost`; what we took away ourselves stays `deleted`. */
const stateSeen = (vm: Vm, observed: Observed): VmState => {
  if (vm.state === 'deleted') return 'deleted';
  return observed.state === 'deleted' && vm.managed ? 'lost' : observed.state;
};

/** A trouble that is seen is said, also of one that was not ready before. */
const readySeen = (vm: Vm, seenSo: Seen, at: string): Vm['ready'] => {
  const { state, reason } = seenSo;
  const isKnown = reason === undefined ? vm.ready.status !== 'true' : vm.ready.reason === reason;
  return state === 'running' || isKnown ? vm.ready : notRunning(seenSo, at);
};

const HOW_LOST = {
  error:
    'Its last operation failed and could not be taken back; by now it is gone at its provider. Delete it here, too.',
  other: 'It is gone at its provider, and nobody asked NovaCron for that.',
};

/** The row of a managed VM that is not at its provider any more. */
export const asLost = (vm: Vm, at: string): Vm => ({
  ...vm,
  state: 'lost',
  lastState: vm.state === 'unknown' ? (vm.lastState ?? 'unknown') : vm.state,
  ready: {
    status: 'false',
    reason: 'Lost',
    message: HOW_LOST[vm.state === 'error' ? 'error' : 'other'],
    at,
  },
  changedAt: at,
});

/** The state that a VM is seen in, and the trouble that it is in. */
type Seen = Readonly<Pick<Observed, 'state' | 'reason' | 'cause'>>;

/** A row in the state that it was seen in; one that was known to be lost keeps what it was before. */
const seenIn = (vm: Vm, seenSo: Seen, at: string): Vm => {
  const { state } = seenSo;
  if (state === 'lost') return vm.state === 'lost' ? vm : asLost(vm, at);
  const { lastState: _, ...rest } = vm;
  return { ...rest, state, ready: readySeen(vm, seenSo, at) };
};

/**
 * A row after a look at its VM; the same object where the look tells nothing new. While an operation holds the VM its
 * state is the operation's to write: what is seen stands beside it, and holds where the operation fails.
 */
export const observe = (vm: Vm, observed: Observed, at: string): Vm => {
  const facts = {
    ...seen(observed),
    location: { ...vm.location, ...observed.location },
    ...(vm.managed ? {} : { name: observed.name, tags: observed.tags }),
    // A stopped VM has no addresses to show and may be reported without its disks.
    disks: observed.disks.length > 0 ? observed.disks : vm.disks,
  };
  const state = stateSeen(vm, observed);
  const after: Vm = vm.lock
    ? { ...vm, ...facts, lastState: state }
    : seenIn({ ...vm, ...facts }, { ...observed, state }, at);
  if (isDeepStrictEqual(after, vm)) return vm;
  return { ...after, observedAt: at, changedAt: after.state === vm.state ? vm.changedAt : at };
};
