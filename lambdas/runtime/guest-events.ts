import type { Host } from '../domain/host.ts';
import { projectOf } from '../domain/project.ts';
import { type DomainEvent, stateAfter, troubleOf } from '../domain/report.ts';
import { notRunning, type Trouble } from '../domain/trouble.ts';
import type { Readiness, Vm } from '../domain/vm.ts';
import type { VmState } from '../domain/vm-state.ts';
import * as events from '../store/events.ts';
import * as vms from '../store/vms.ts';
import { answerHolder, saidBySight } from './holder.ts';
import { untilWritten } from './until-written.ts';

/** When a report was sent, by our clock and by the host's: their difference is taken off each event's time. */
export interface Clocks {
  readonly at: string;
  readonly sentAt: string;
}

/** The event's time by our clock; the host's may be wrong, but not within one report. */
export const timeOf = (event: DomainEvent, { at, sentAt }: Clocks): string =>
  new Date(Date.parse(at) - ageOf(event.at, sentAt)).toISOString();

/** Milliseconds between two looks at one clock, which may have leapt back meanwhile. */
export const ageOf = (then: string, now: string): number => Math.max(0, Date.parse(now) - Date.parse(then));

const readinessOf = ({ kind, reason }: DomainEvent, at: string): Readiness => ({
  status: kind === 'ready' ? 'true' : 'false',
  reason,
  message: kind === 'ready' ? 'Seen by its host.' : 'Its host waited in vain; the VM runs.',
  at,
});

const starting = (at: string): Readiness => ({
  status: 'unknown',
  reason: 'Starting',
  message: 'It runs; its host watches for readiness.',
  at,
});

/** The row after a lifecycle event. While an operation holds the VM its state is the operation's to write; the event's stands beside it. */
const stateTold = (vm: Vm, state: VmState, at: string, trouble?: Trouble): Vm => {
  if (vm.lock) return vm.lastState === state ? vm : { ...vm, lastState: state };
  if (vm.state === state || vm.state === 'deleted') return vm;
  const { lastState: _, ...rest } = vm;
  const ready: Readiness = state === 'running' ? starting(at) : notRunning({ state, ...trouble }, at);
  return { ...rest, state, ready, changedAt: at };
};

/**
 * A guest that boots is to be judged anew, also one whose VM never left `running` (a reboot, a reset, its own restart), and
 * while an operation holds it: readiness is the host's to tell, never the operation's.
 */
const bootTold = (vm: Vm, at: string): Vm => {
  const after = stateTold(vm, 'running', at);
  // Firmware may reset a machine again and again on its way up: the question is open already.
  const isOpen = after.ready.status === 'unknown' || after.state === 'deleted';
  return isOpen ? after : { ...after, ready: starting(at) };
};

const readyTold = (vm: Vm, event: DomainEvent, at: string): Vm => ({
  ...vm,
  ready: readinessOf(event, at),
  addresses: event.addresses ?? vm.addresses,
});

const isReadiness = ({ kind }: DomainEvent): boolean => kind === 'ready' || kind === 'not-ready';

const told = (vm: Vm, event: DomainEvent, at: string): Vm => {
  if (isReadiness(event)) return readyTold(vm, event, at);
  if (event.kind === 'started') return bootTold(vm, at);
  const state = stateAfter(event);
  return state === undefined ? vm : stateTold(vm, state, at, troubleOf(state, event.reason));
};

/** One line of the VM's history, with the end of the serial console where the host sent it. */
const historyOf = (vm: Vm, { kind, reason, serialTail }: DomainEvent, at: string) => ({
  vmId: vm.id,
  project: projectOf(vm),
  at,
  type: `Guest${kind.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}`,
  message: `The host reports: ${kind} (${reason}).`,
  detail: { reason, ...(serialTail === undefined ? {} : { serialTail }) },
});

/** Takes in one event of a VM of ours on its own host: its row, its history, and the operation that waits for it. */
export const hearEvent = async (host: Host, event: DomainEvent, clocks: Clocks): Promise<void> => {
  if (event.vmId === undefined) return;
  const { vmId } = event;
  const at = timeOf(event, clocks);
  const vm = await untilWritten(async () => {
    const before = await vms.find(vmId);
    if (!before?.managed || before.location.hostId !== host.id) return undefined;
    const after = told(before, event, at);
    return after === before ? before : vms.swap(before, after);
  });
  if (vm === undefined) return;
  await events.append(historyOf(vm, event, at));
  const state = stateAfter(event);
  await answerHolder(vm, (wait) => {
    if (isReadiness(event)) return wait.step === 'Await Ready' ? { outcome: { ready: vm.ready } } : undefined;
    return state && saidBySight(wait, { state });
  });
};
