import { FAULTS, type Fault } from './faults.ts';
import type { Host } from './host.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import { stepsAtEnd } from './progress.ts';
import { CRASHED, notRunning } from './trouble.ts';
import { type Observed, type Readiness, TRANSITIONS, type Vm } from './vm.ts';
import { isOff, type VmState } from './vm-state.ts';

type Kind = Operation['kind'];

/** Takes in what a provider told of a VM, but for its state, which an operation writes at its end, and what is the user's. */
export const learn = (vm: Vm, observed: Partial<Observed>): Vm => {
  const { state: _state, name: _name, vmId: _vmId, operationId: _operationId, tags: _tags, ...told } = observed;
  return { ...vm, ...told, location: { ...vm.location, ...told.location } };
};

/** Steps in which no provider is asked. */
const OURS: ReadonlySet<string> = new Set(['Await Ready', 'Record']);

/** What a provider may say of a VM that is on its way to where its operation wants it: a reboot is seen `stopping`. */
const PASSING: ReadonlySet<VmState> = new Set(['deleting', 'stopping', 'pending']);

const targetOf = (kind: Kind): VmState =>
  kind === 'create-vm' || kind === 'enrol-host' ? 'running' : TRANSITIONS[kind].to;

/**
 * Its host saw it crash while the operation held it: whatever the provider answered is older. Where the operation may have
 * begun with a VM that had crashed, that tells nothing.
 */
const hasCrashed = (kind: Kind, { lastState }: Vm): boolean =>
  lastState === 'error' &&
  targetOf(kind) === 'running' &&
  (kind === 'create-vm' || kind === 'enrol-host' || !TRANSITIONS[kind].from.includes('error'));

const readyOf = (vm: Vm, state: VmState, outcome: Outcome, at: string): Readiness => {
  if (state === 'error') return notRunning({ state, reason: CRASHED }, at);
  if (state !== 'running') return { status: 'false', reason: 'NotRunning', message: `The VM is ${state}.`, at };
  if (outcome.unready === undefined) return outcome.ready ?? vm.ready;
  // A report may have told in the last moment; or no reboot was seen, and what was so still is.
  if (vm.ready.status === 'true') return vm.ready;
  return { status: 'false', reason: 'NotReadyInTime', message: outcome.unready, at };
};

const desiredOf = (state: VmState): Vm['desired'] => {
  if (state === 'deleted') return 'deleted';
  return isOff(state) ? 'stopped' : 'running';
};

/** Frees the VM and gives it the state that it has come to. */
const released = (vm: Vm, state: VmState, at: string): Vm => {
  const { lock: _lock, lastState: _last, ...rest } = vm;
  return { ...rest, state, desired: desiredOf(state), changedAt: at };
};

/** The VM after its operation went well. `retainedUntil` is given where a deleted VM's disks are kept. */
export const vmAfterSuccess = (kind: Kind, vm: Vm, outcome: Outcome, at: string, retainedUntil?: string): Vm => {
  const target = targetOf(kind);
  const seen = hasCrashed(kind, vm) ? 'error' : outcome.observed?.state;
  const state = target === 'deleted' || seen === undefined || PASSING.has(seen) ? target : seen;
  const { retainedUntil: _, ...free } = released(learn(vm, outcome.observed ?? {}), state, at);
  return {
    ...free,
    ready: readyOf(vm, state, outcome, at),
    addresses: state === 'running' ? free.addresses : [],
    ...(retainedUntil === undefined ? {} : { retainedUntil }),
  };
};

/**
 * The VM after its operation failed. A create that was undone leaves a deleted VM; else the VM has the state it was seen
 * in, or the one from before. `needs-attention` frees it in state `error`, so that a person can delete it.
 */
export const vmAfterFailure = (operation: Operation, vm: Vm, seen: VmState | undefined, at: string): Vm => {
  if (operation.state === 'undo-pending') return vm;
  if (operation.state === 'needs-attention') return released(vm, 'error', at);
  if (operation.kind === 'create-vm') return { ...released(vm, 'deleted', at), addresses: [] };
  const passing = operation.kind === 'enrol-host' ? undefined : TRANSITIONS[operation.kind].via;
  const state = seen !== undefined && seen !== passing ? seen : (vm.lastState ?? seen ?? 'unknown');
  return released(vm, state, at);
};

const closed = (operation: Operation, well: boolean, at: string): Operation => {
  const { wait: _, ...rest } = operation;
  return { ...rest, steps: stepsAtEnd(operation.steps, well, at), endedAt: at };
};

export const operationAfterSuccess = (operation: Operation, outcome: Outcome, at: string): Operation => {
  const { error: _, ...rest } = closed(operation, true, at);
  return { ...rest, state: 'succeeded', steps: detailed(rest.steps, outcome) };
};

/** What the provider said stands with the step that asked it; what is known of readiness with Await Ready. */
const detailed = (steps: Operation['steps'], { detail, unready, ready }: Outcome): Operation['steps'] => {
  const asked = steps.findLastIndex(({ name, state }) => !OURS.has(name) && state === 'succeeded');
  const told = unready ?? (ready?.status === 'false' ? `${ready.reason}: ${ready.message}` : undefined);
  return steps.map((step, index) => {
    const words = step.name === 'Await Ready' ? told : index === asked ? detail : undefined;
    return words === undefined ? step : { ...step, detail: words };
  });
};

/** What an operation's end by a fault is told of. */
export interface Failure {
  readonly fault: Fault;
  /** Why it could not be undone. */
  readonly trouble?: Fault | undefined;
}

/**
 * The operation after a fault. One that could not be undone for now stays open as `undo-pending` (the sweeper tries
 * again); one whose undo will not help by repeating wants a person.
 */
export const operationAfterFailure = (operation: Operation, { fault, trouble }: Failure, at: string): Operation => {
  const error = { name: fault.name, detail: fault.message };
  if (trouble && (FAULTS[trouble.name].retry || trouble.name === 'TimedOut')) {
    const { wait: _, ...rest } = operation;
    return { ...rest, state: 'undo-pending', error };
  }
  const { steps, ...rest } = closed(operation, false, at);
  const name = fault.name === 'Cancelled' ? 'cancelled' : 'failed';
  if (!trouble) return { ...rest, steps, state: name, error };
  const detail = `${fault.message} It could not be undone: ${trouble.name}, ${trouble.message}`;
  return { ...rest, steps, state: 'needs-attention', error: { name: fault.name, detail } };
};

/**
 * What a VM that is deleted now gives back to its host: CPUs and memory once, disk space when its disks go too. An undelete
 * that failed (it was `pending`) gives back the CPUs and memory that it had been promised again.
 */
export const freedBy = (before: Vm, after: Vm, share: Host['allocated']): Host['allocated'] | undefined => {
  if (after.state !== 'deleted' || before.location.hostId === undefined) return undefined;
  const wasKept = before.retainedUntil !== undefined && before.state !== 'pending';
  const isKept = after.retainedUntil !== undefined;
  return {
    vcpus: wasKept ? 0 : share.vcpus,
    memoryMiB: wasKept ? 0 : share.memoryMiB,
    diskGiB: isKept ? 0 : share.diskGiB,
  };
};
