import { type Plan, plannedTimes } from '../domain/planned-times.ts';
import { savingsOf } from '../domain/savings-of.ts';
import type { Schedule } from '../domain/schedule.ts';
import { type DayOff, daysOff, endOf } from '../domain/time-off.ts';
import * as timeOff from '../store/time-off.ts';
import { publish } from './bus.ts';

const DAY_MS = 86_400_000;

/** After a plane that was away a digest tells of the last days and no more. */
const MOST_DAYS = 7;

const offSince = async ({ id, project }: Schedule, [from, to]: readonly [number, number]): Promise<DayOff[]> => {
  const days: DayOff[] = [];
  const last = new Date(to).toISOString().slice(0, 'yyyy-mm-dd'.length);
  for (let at = from; ; at += DAY_MS) {
    const day = new Date(Math.min(at, to)).toISOString().slice(0, 'yyyy-mm-dd'.length);
    for await (const row of timeOff.eachOf(project, day)) if (row.scheduleId === id) days.push(row);
    if (day === last) break;
  }
  for await (const off of timeOff.each(project)) {
    if (off.scheduleId === id) days.push(...daysOff(off, endOf(off, new Date(to).toISOString()), ''));
  }
  return days;
};

const told = async (schedule: Schedule & Plan, due: number, now: number): Promise<void> => {
  const { id, name, project, timeZone, digestedAt, sinceDigest = [] } = schedule;
  const since = digestedAt === undefined ? now - DAY_MS : Date.parse(digestedAt);
  const range = [Math.max(since, now - MOST_DAYS * DAY_MS), now] as const;
  await publish({
    noun: 'schedule',
    type: 'Schedule Digest',
    // Of one day there is one, however often a run that dies is run again.
    id: `${id}:digest:${new Date(due).toISOString()}`,
    detail: {
      scheduleId: id,
      scheduleName: name,
      project,
      timeZone,
      from: new Date(range[0]).toISOString(),
      to: new Date(now).toISOString(),
      runs: sinceDigest,
      saved: savingsOf('schedule', range, await offSince(schedule, range)).total,
      next: plannedTimes(schedule, now, now + DAY_MS).map(({ at, want }) => ({ at: new Date(at).toISOString(), want })),
    },
  });
};

/** Tells of the time since the last digest where one is due: one, however many were missed. @returns the schedule after it */
export const tellDigest = async (
  schedule: Schedule & Plan,
  due: number | undefined,
  now: number,
): Promise<Schedule & Plan> => {
  if (due === undefined || due > now) return schedule;
  await told(schedule, due, now);
  return { ...schedule, digestedAt: new Date(now).toISOString(), sinceDigest: [] };
};
