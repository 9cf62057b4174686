import { createHash } from 'node:crypto';
import type { LastRun, Schedule } from '../schedule.ts';
import type { Vm } from '../vm.ts';
import { newMatcher } from './matchers.ts';
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

/** The id under which a schedule silences, the same at all times: Alertmanager's silences have UUIDs. */
export const silenceIdOf = (scheduleId: string): string => {
  const hex = createHash('sha256').update(`silence of ${scheduleId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

/** A matcher names so many of its VMs, and its comment counts them. */
const NAMED = 50;

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
    matchers: [newMatcher('vm', '=~', quiet.toSorted().slice(0, NAMED).join('|'))],
    startsAt: from,
    endsAt: new Date(endOf(schedule, lastRun, now)).toISOString(),
    updatedAt: lastRun.ranAt,
    createdBy: `schedule ${name}`,
    comment: `${quiet.length} VMs are off by plan: ${lastRun.because}. It is no silence that people made: change the schedule (${id}).`,
  };
};
