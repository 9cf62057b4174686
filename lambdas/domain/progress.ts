import { FAULTS, Fault, type FaultName } from './faults.ts';
import type { Operation, Step } from './operation.ts';
import type { TaskError } from './outcome.ts';
import type { Vm } from './vm.ts';
import { isOff, type VmState } from './vm-state.ts';

type Wait = NonNullable<Operation['wait']>;

const UNDOING: ReadonlySet<string> = new Set(['Undo', 'Undo Launch']);
const STOPPING: ReadonlySet<string> = new Set(['Ask To Stop', 'Pull The Plug']);

/** Whether the step takes back rather than goes on: it runs also where the operation was cancelled. */
export const isUndoing = (step: string): boolean => UNDOING.has(step);

/** The state of the VM that ends a step's wait, where a state can. */
const ENDS: Readonly<Record<string, VmState>> = { Launch: 'running', Start: 'running', Remove: 'deleted' };

/**
 * Whether a VM seen in this state has reached what the wait is for. A command's own answer says more than a state does, so
 * where one is awaited it ends the wait; only a stop is over once the VM is seen off.
 */
export const isReached = (wait: Pick<Wait, 'step' | 'commandId'>, state: VmState): boolean =>
  STOPPING.has(wait.step) ? isOff(state) : ENDS[wait.step] === state && wait.commandId === undefined;

/** Whether a VM's readiness was judged since its operation began: what was true before a start says nothing. */
export const isJudged = ({ ready }: Vm, { startedAt }: Pick<Operation, 'startedAt'>): boolean =>
  ready.status !== 'unknown' && startedAt !== undefined && ready.at >= startedAt;

/** The readiness of a running VM where its provider tells of none. */
export const runningMeansReady = (at: string): Vm['ready'] => ({
  status: 'true',
  reason: 'Running',
  message: 'The provider says running.',
  at,
});

/** Seconds after which a wait is looked at, in case its event was lost. */
export const LOOK_SECONDS = [15, 45, 120] as const;

/**
 * Seconds from the wait's beginning to its `look`-th look (0 is the first), undefined where no more follow. A guest that
 * is asked to stop is looked at last when its grace is over.
 */
export const lookAfter = (step: string, look: number, graceSeconds: number): number | undefined => {
  if (step !== 'Ask To Stop') return LOOK_SECONDS[look];
  return [...LOOK_SECONDS.filter((seconds) => seconds < graceSeconds), graceSeconds][look];
};

const ended = (step: Step, state: 'succeeded' | 'failed', at: string, detail?: string): Step =>
  step.state === 'running' ? { ...step, state, endedAt: at, ...(detail === undefined ? {} : { detail }) } : step;

/** The steps once `name` has begun: what ran before has ended, well unless this one takes it back or makes up for it. */
export const stepsAtBegin = (steps: readonly Step[], name: string, at: string): Step[] => {
  const plug = name === 'Pull The Plug' ? 'The guest did not stop within its grace.' : undefined;
  const outcome = isUndoing(name) || plug !== undefined ? 'failed' : 'succeeded';
  const before = steps.map((step) => ended(step, outcome, at, plug));
  const begun: Step = { name, state: 'running', startedAt: at };
  const known = before.findIndex((step) => step.name === name);
  if (known >= 0) return before.with(known, { ...begun, startedAt: before[known]?.startedAt ?? at });
  const next = before.findIndex((step) => step.state === 'pending');
  return next < 0 ? [...before, begun] : before.toSpliced(next, 0, begun);
};

/** The steps once something is known of the one that runs. */
export const stepsMeanwhile = (steps: readonly Step[], detail: string): Step[] =>
  steps.map((step) => (step.state === 'running' ? { ...step, detail } : step));

/** The steps of an operation that has ended: nothing runs, and what was not reached is skipped. */
export const stepsAtEnd = (steps: readonly Step[], well: boolean, at: string): Step[] =>
  steps.map((step): Step => {
    if (step.state === 'running')
      return { ...step, state: well || isUndoing(step.name) ? 'succeeded' : 'failed', endedAt: at };
    if (step.state !== 'pending') return step;
    return well ? { ...step, state: 'succeeded', startedAt: at, endedAt: at } : { ...step, state: 'skipped' };
  });

/** Whether a call of `name` comes too late: its step has ended, and the operation went on. */
export const isOvertaken = (operation: Pick<Operation, 'steps'>, name: string): boolean =>
  !isUndoing(name) && operation.steps.some((step) => step.name === name && step.endedAt !== undefined);

/** Lambda wraps an error into JSON, and so do we for tasks that we fail by their token. */
const messageOf = (cause: string): string => {
  try {
    const read: unknown = JSON.parse(cause);
    if (typeof read === 'object' && read !== null && 'errorMessage' in read) return String(read.errorMessage);
  } catch {
    // Not JSON: Step Functions' own words.
  }
  return cause;
};

const isFault = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

/** The fault that ended an execution; a name that is not ours becomes TimedOut or Internal, its own kept in the detail. */
export const faultOf = ({ Error: name, Cause: cause = '' }: TaskError): Fault => {
  if (isFault(name)) return new Fault(name, messageOf(cause));
  if (name === 'States.Timeout') return new Fault('TimedOut', messageOf(cause) || 'No answer came in time.');
  return new Fault('Internal', `${name}: ${messageOf(cause)}`);
};
