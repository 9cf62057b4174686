import type { PlannedTime } from './planned-times.ts';
import type { LastRun, Schedule } from './schedule.ts';
import type { Vm } from './vm.ts';

/**
 * When a schedule begins so that its VMs are ready at its time, and not only asked for: as long before as its last starts
 * took, over its whole order.
 */

const MINUTE_MS = 60_000;

/** So many starts are remembered: a month of workdays. What took longer once is forgotten with it. */
const MOST_STARTS = 20;

/** No start is begun earlier, whatever the last ones took. */
const MOST_EARLY_MINUTES = 60;

/** Of twenty starts the two longest are left to the schedule's grace. */
const SHARE = 0.9;

type Learning = Pick<Schedule, 'early' | 'starts'>;

/** The sample quantile of Hyndman and Fan's definition 1, "Sample Quantiles in Statistical Packages" (1996): one of the values. */
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;

/** How many whole minutes before its time a start is begun; 0 where it is not asked for, or no start has been seen yet. */
export const minutesEarly = ({ early = 'off', starts = [] }: Learning): number => {
  if (early === 'off') return 0;
  if (early !== 'learned') return early;
  if (starts.length === 0) return 0;
  // The timer comes once a minute: what is due just behind it waits for so long.
  const seconds = quantile(starts, SHARE) + 60;
  return Math.min(MOST_EARLY_MINUTES, Math.ceil(seconds / 60));
};

/** How far ahead a time may be due, in milliseconds. */
export const reachOf = (schedule: Learning): number => minutesEarly(schedule) * MINUTE_MS;

/**
 * The moment from which a time is due: of a start as much earlier as is asked for, but not before the time that comes before
 * it, which must have been put in place first. Epoch milliseconds.
 */
export const dueFrom = (schedule: Learning, { at, want }: PlannedTime, before: number): number =>
  want === 'up' ? Math.min(at, Math.max(at - reachOf(schedule), before)) : at;

/** The same of times in their order, the first of which comes after `since`. */
export const withDue = (
  schedule: Learning,
  times: readonly PlannedTime[],
  since: number,
): readonly { readonly time: PlannedTime; readonly from: number }[] =>
  times.map((time, index) => ({ time, from: dueFrom(schedule, time, times[index - 1]?.at ?? since) }));

/** Whether a time is the one that was run last: an early start is run before its time has come. */
export const isRun = ({ lastRun }: Pick<Schedule, 'lastRun'>, { at, want }: PlannedTime): boolean =>
  lastRun !== undefined && lastRun.want === want && Date.parse(lastRun.plannedAt) === at;

/** When a VM that this run has started was ready; for one that is still on its way, now. */
const endOf = ({ state, ready, lock }: Vm, now: number): number | undefined => {
  if (lock?.reason === 'start-vm') return now;
  return state === 'running' && ready.status === 'true' ? Date.parse(ready.at) : undefined;
};

/**
 * How long a start took until the last of its VMs was ready, in seconds, or has taken by now; nothing where it has started none.
 * What came to nothing does not count.
 */
export const tookSeconds = ({ ranAt, want, begun }: LastRun, vms: readonly Vm[], now: number): number | undefined => {
  if (want !== 'up' || begun === 0) return undefined;
  const began = Date.parse(ranAt);
  const ends = vms.flatMap((vm) => endOf(vm, now) ?? []).filter((end) => end > began);
  return ends.length === 0 ? undefined : Math.ceil((Math.max(...ends) - began) / 1_000);
};

/** What is remembered of starts with one more; a clock of a host that is off says nothing. */
export const startsWith = (starts: readonly number[] = [], seconds: number): number[] =>
  [...starts, ...(seconds <= MOST_EARLY_MINUTES * 60 ? [seconds] : [])].slice(-MOST_STARTS);
