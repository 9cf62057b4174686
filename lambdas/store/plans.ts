import type { Calendar } from '../domain/calendar.ts';
import { Fault } from '../domain/faults.ts';
import type { Holidays } from '../domain/holidays.ts';
import type { Schedule } from '../domain/schedule.ts';
import * as calendars from './calendars.ts';
import * as table from './table.ts';
import * as windows from './windows.ts';

/** A schedule with all that its times are reckoned from. */
type Planned<T extends Schedule> = T & {
  readonly holidays: Holidays;
  readonly windowTimes: readonly windows.Timed[];
};

/** What a schedule refers to, as of now. */
interface Read {
  readonly windows: readonly windows.Timed[];
  /** Its own, and those of its windows. */
  readonly calendars: readonly Calendar[];
}

const read = async ({ project, calendars: own = [], windows: ids = [] }: Schedule): Promise<Read> => {
  const named = await windows.these(project, ids);
  const days = [...new Set([...own, ...named.flatMap((window) => window.calendars ?? [])])];
  const known = await calendars.these(project, days);
  return { windows: windows.timedBy(known, named), calendars: known };
};

const plannedBy = <T extends Schedule>(schedule: T, seen: Read): Planned<T> => ({
  ...schedule,
  holidays: calendars.holidaysIn(seen.calendars, schedule),
  windowTimes: seen.windows,
});

/** The schedule with the days that its calendars close and with its windows, as of now: what is planned by it. */
export const planned = async <T extends Schedule>(schedule: T): Promise<Planned<T>> =>
  plannedBy(schedule, await read(schedule));

/** What it has referred to already, each change of which wakes it; one that is turned off is not woken. */
const wokenBy = ({ enabled, calendars: days = [], windows: ids = [] }: Partial<Schedule>): ReadonlySet<string> =>
  new Set(enabled ? [...days, ...ids] : []);

const begunWith = (
  before: Partial<Schedule>,
  { project, calendars: own = [], windows: ids = [] }: Schedule,
  seen: Read,
): table.Write[] => {
  const there = new Set([...seen.windows, ...seen.calendars].map(({ id }) => id));
  const gone = [...own, ...ids].find((id) => !there.has(id));
  if (gone !== undefined) throw new Fault('WriteConflict', `${gone} has ended meanwhile.`);
  const known = wokenBy(before);
  const isFresh = ({ id }: { readonly id: string }): boolean => !known.has(id);
  return [
    ...seen.windows.filter(isFresh).map(({ id, version }) => table.raising(windows.keyOf(project, id), version)),
    ...seen.calendars.filter(isFresh).map(({ id, version }) => table.raising(calendars.keyOf(project, id), version)),
  ];
};

/**
 * The same for one that is made, or changed, with the writes by which none of the calendars and windows that it begins to
 * refer to ends, or changes unnoticed, at the same moment. @throws WriteConflict where one has ended since it was looked for
 */
export const plannedAnew = async <T extends Schedule>(
  before: Partial<Schedule>,
  schedule: T,
): Promise<readonly [plan: Planned<T>, refers: readonly table.Write[]]> => {
  const seen = await read(schedule);
  return [plannedBy(schedule, seen), begunWith(before, schedule, seen)];
};
