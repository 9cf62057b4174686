import type { LastRun, Schedule } from '../schedule.ts';
import type { Vm } from '../vm.ts';
import { namedVms, silenceIdOf } from './derived-silence.ts';
import type { Silence } from './silence.ts';

/** When alerts about a VM are quiet because it is off by plan. */

/**
 * Whether a VM is off because its schedule has last put that in place, or on its way up by it and within the schedule's grace.
 * One that runs though it should be off is up for somebody: what is wrong with it is told.
 */
export const isQuietByPlan = (
  { state, ready }: Pick<Vm, 'state' | 'ready'>,
  { lastRun, graceMinutes }: Pick<Schedule, 'lastRun' | 'graceMinutes'>,
  now: number,
): boolean => {
  if (lastRun === undefined || lastRun.skipped) return false;
  if (lastRun.want === 'down') return state !== 'running';
  return ready.status !== 'true' && now < Date.parse(lastRun.plannedAt) + graceMinutes * 60_000;
};

const YEAR_MS = 365 * 86_400_000;

const endOf = ({ nextAt, graceMinutes }: Schedule, { want, plannedAt }: LastRun, now: number): number => {
  if (want === 'up') return Date.parse(plannedAt) + graceMinutes * 60_000;
  return nextAt === undefined ? now + YEAR_MS : Math.max(now + 60_000, Date.parse(nextAt));
};

/** A schedule that silences as people look a silence up: since when and until when, and the VMs that are quiet by it. */
export const silenceOfSchedule = (schedule: Schedule, quiet: readonly string[], now: number): Silence | undefined => {
  const { id, name, lastRun } = schedule;
  if (lastRun === undefined || lastRun.skipped) return undefined;
  const from = new Date(Math.min(Date.parse(lastRun.plannedAt), Date.parse(lastRun.ranAt))).toISOString();
  return {
    id: silenceIdOf(id),
    matchers: [namedVms(quiet)],
    startsAt: from,
    endsAt: new Date(endOf(schedule, lastRun, now)).toISOString(),
    updatedAt: lastRun.ranAt,
    createdBy: `schedule ${name}`,
    comment: `${quiet.length} VMs are off by plan: ${lastRun.because}. It is no silence that people made: change the schedule (${id}).`,
  };
};
