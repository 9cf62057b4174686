import { isOpen, type Operation } from './operation.ts';
import type { LastRun, Plain, Schedule } from './schedule.ts';
import { hasCome, isTheirs } from './schedule-due.ts';
import { GRACE_SECONDS, modeWhereItCan, type StopMode } from './stop-mode.ts';
import type { Vm } from './vm.ts';

/** How a run stops VMs whose memory is to be kept where it can be, and what becomes of those where it cannot. */

/** A VM that a run brings to where it shall be, and how, where that is off. */
export interface Wish {
  readonly vm: Vm;
  readonly mode: StopMode;
  /** Why its memory is not kept, though that is wished. */
  readonly lack?: string;
  /** Its memory was to be kept by this run, and was not: it is asked for a second time. */
  readonly again?: true;
}

/** What a run asks of a VM first. */
export const wishFor = ({ stopMode }: Schedule, vm: Vm): Wish => ({ vm, ...modeWhereItCan(vm, stopMode) });

/** Left of a run's grace for the plain stop of a VM whose memory was not kept. */
const SPARE_SECONDS = 120;

const secondsFor = ({ graceMinutes }: Schedule, mode: StopMode): number =>
  mode === 'stop'
    ? GRACE_SECONDS.stop
    : Math.min(GRACE_SECONDS[mode], Math.max(GRACE_SECONDS.stop, graceMinutes * 60 - SPARE_SECONDS));

/** What a person's stop takes where nothing is said; memory is to be kept in time for a plain stop within the grace. */
export const stopInput = (schedule: Schedule, mode: StopMode): Operation['input'] => ({
  mode,
  graceSeconds: secondsFor(schedule, mode),
  force: false,
  skipOsShutdown: false,
});

/** What has become of a VM whose memory was to be kept: a plain stop where that failed, `wait` where it goes on, nothing where it is over. */
export const keptSoFar = (
  vm: Vm,
  schedule: Schedule,
  run: LastRun,
  last: Operation | undefined,
): Wish | 'wait' | undefined => {
  if (hasCome(vm, run.want)) return undefined;
  if (vm.lock || vm.state === 'unknown') return 'wait';
  if (isTheirs(schedule, run, last)) return undefined;
  // Indexes lag behind rows: it is not seen yet, or not with its lock.
  if (last === undefined || last.createdAt < run.plannedAt || isOpen(last)) return 'wait';
  if (last.state !== 'failed') return undefined;
  return { vm, mode: 'stop', lack: `${last.error?.name}: ${last.error?.detail}`.slice(0, 300), again: true };
};

/** VMs that a row names. */
const MOST_KEEPING = 2_000;
const MOST_PLAIN = 200;

/** What a run says of memory that is kept, and of that which is not. */
export const keepingOf = (run: LastRun, keeping: readonly string[], plain: readonly Plain[]): Partial<LastRun> => {
  const all = [...(run.plain ?? []), ...plain].slice(0, MOST_PLAIN);
  return {
    ...(keeping.length > 0 || run.keeping ? { keeping: [...new Set(keeping)].slice(0, MOST_KEEPING) } : {}),
    ...(all.length > 0 ? { plain: all } : {}),
  };
};
