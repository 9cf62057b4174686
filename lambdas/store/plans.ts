import { Fault } from '../domain/faults.ts';
import type { Holidays } from '../domain/holidays.ts';
import type { Schedule } from '../domain/schedule.ts';
import * as calendars from './calendars.ts';
import type * as table from './table.ts';
import * as windows from './windows.ts';

/** A schedule with all that its times are reckoned from. */
export type Planned<T extends Schedule = Schedule> = T & {
  readonly holidays: Holidays;
  readonly windowTimes: readonly windows.Timed[];
};

/** The schedule with the days that its calendars close and with its windows, as of now: what is planned by it. */
export const planned = async <T extends Schedule>(schedule: T): Promise<Planned<T>> => {
  const { project, windows: ids = [] } = schedule;
  return {
    ...schedule,
    holidays: await calendars.holidaysFor(schedule),
    windowTimes: await windows.timed(project, await windows.these(project, ids)),
  };
};

/**
 * For a schedule that is made, or changed: none of the calendars and windows that it begins to refer to may end, or change
 * unnoticed, at the same moment. @throws WriteConflict where a window has ended since it was looked for
 */
export const begunWith = (before: Partial<Schedule>, after: Planned): table.Write[] => {
  const { project, calendars: days = [], windows: ids = [], windowTimes } = after;
  const known = new Set([...(before.calendars ?? []), ...(before.windows ?? [])]);
  const fresh = windowTimes.filter(({ id }) => !known.has(id));
  if (windowTimes.length < ids.length) throw new Fault('WriteConflict', 'One of its windows has ended meanwhile.');
  const theirs = fresh.flatMap((window) => window.calendars ?? []);
  const closing = [...new Set([...days, ...theirs])].filter((id) => !known.has(id));
  return [...calendars.referringTo(project, closing), ...windows.referringTo(fresh)];
};
