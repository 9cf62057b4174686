import type { Override, ScheduleSpec } from '../domain/schedule.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as calendars from '../store/calendars.ts';
import * as windows from '../store/windows.ts';
import { refused } from './check-targets.ts';
import { assertRoom, assertTimes, referred } from './check-times.ts';

type Checked = Pick<ScheduleSpec, 'timeZone' | 'targets' | 'calendars' | 'windows' | 'order'> & {
  readonly id?: string;
};

/** One that is not made yet has none. */
const idOf = ({ id = '' }: Checked): string => id;

const assertCalendars = async (spec: Checked, project: string): Promise<void> => {
  const { calendars: ids = [] } = spec;
  const found = referred('calendar', ids, await calendars.these(project, ids), project);
  for (const [pointer, calendar] of found) await assertRoom(pointer, calendar, [idOf(spec)]);
};

/** That its windows are there, each once, and that neither they nor their calendars have more schedules than can be woken at once. */
const assertWindows = async (spec: Checked, project: string): Promise<void> => {
  const { windows: ids = [] } = spec;
  const found = referred('window', ids, await windows.these(project, ids), project);
  // Windows of one team mostly refer to the same calendars, each of which is looked at once.
  const places = new Map<string, string>();
  for (const [pointer, window] of found) {
    for (const id of window.calendars ?? []) if (!places.has(id)) places.set(id, pointer);
    const users = (await windows.usersOf(window)).filter(({ id }) => id !== idOf(spec));
    if (users.length >= windows.MOST_USERS) {
      throw refused(
        pointer,
        `${window.name} has ${windows.MOST_USERS} schedules, and no more may refer to one; make another`,
      );
    }
  }
  for (const calendar of await calendars.these(project, [...places.keys()])) {
    await assertRoom(places.get(calendar.id) ?? '/windows', calendar, [idOf(spec)]);
  }
};

/**
 * What no schema can say of a schedule: that its zone is one, that its filter can be read, that its VMs, calendars, windows
 * and groups are there. @returns the groups that it is about @throws InvalidRequest, InvalidFilter, naming the place
 */
export const assertSchedule = async (spec: Checked, project: string): Promise<readonly VmGroup[]> => {
  const about = await assertTimes(spec, project);
  await assertCalendars(spec, project);
  await assertWindows(spec, project);
  return about;
};

/** Two overrides of one moment contradict each other. @throws InvalidRequest */
export const assertApart = (overrides: readonly Override[], { from, until }: Override): void => {
  if (until <= from) throw refused('/until', `ends before it begins, at ${from}`);
  const other = overrides.find((each) => each.from < until && from < each.until);
  if (!other) return;
  throw refused('/from', `${other.by} has an override from ${other.from} until ${other.until}; end it first`);
};
