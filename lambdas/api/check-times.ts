import type { Calendar } from '../domain/calendar.ts';
import { isTimeZone } from '../domain/civil-time.ts';
import { filtersOf, missingIn, VM_AND_GROUP_FIELDS } from '../domain/group-members.ts';
import type { ScheduleSpec } from '../domain/schedule.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as users from '../store/calendar-users.ts';
import * as groups from '../store/groups.ts';
import { assertFilter, assertVms, refused } from './check-targets.ts';

/** What no schema can say of what has times and VMs, a schedule or a window; each refusal names its place. */

/** A row has room for more, a person's mind has not. */
const MOST_GROUPS = 20;

type Timed = Pick<ScheduleSpec, 'timeZone' | 'targets'> & Partial<Pick<ScheduleSpec, 'order'>>;

/** The groups that it is about; that all of them are there. */
const groupsFor = async (spec: Timed, project: string): Promise<readonly VmGroup[]> => {
  const known = await groups.askedBy(project, filtersOf(spec));
  const places = [
    ['/targets', spec.targets.filter] as const,
    ...(spec.order ?? []).map(({ filter }, index) => [`/order/${index}`, filter] as const),
  ];
  for (const [place, filter] of places) {
    const missing = missingIn(filter ?? '', known);
    if (missing !== undefined) throw refused(`${place}/filter`, `there is no group ${missing} in ${project}`);
  }
  if (known.length > MOST_GROUPS) throw refused('/targets', `is about more than ${MOST_GROUPS} groups`);
  return known;
};

/**
 * That its zone is one, that its filters can be read, that its VMs and groups are there. @returns the groups that it is about
 * @throws InvalidRequest, InvalidFilter
 */
export const assertTimes = async (spec: Timed, project: string): Promise<readonly VmGroup[]> => {
  if (!isTimeZone(spec.timeZone)) {
    throw refused('/timeZone', `${spec.timeZone} is no time zone of IANA's, such as Europe/Berlin or UTC`);
  }
  const places = [
    ['/targets', spec.targets] as const,
    ...(spec.order ?? []).map((node, index) => [`/order/${index}`, node] as const),
  ];
  for (const [place, { filter, vms }] of places) {
    if (filter !== undefined) assertFilter(filter, VM_AND_GROUP_FIELDS, place);
    await assertVms(vms ?? [], project, place);
  }
  return groupsFor(spec, project);
};

interface Referred {
  readonly id: string;
  readonly name: string;
}

/** What it refers to, each with its place; that all are there, each once. @throws InvalidRequest */
export const referred = <T extends Referred>(
  noun: 'calendar' | 'window',
  ids: readonly string[],
  known: readonly T[],
  project: string,
): (readonly [pointer: string, row: T])[] =>
  ids.map((id, index) => {
    const pointer = `/${noun}s/${index}`;
    const row = known.find((each) => each.id === id);
    if (row === undefined) throw refused(pointer, `there is no ${noun} ${id} in ${project}`);
    if (ids.indexOf(id) < index) throw refused(pointer, 'stands there twice');
    return [pointer, row];
  });

/** That with these schedules a calendar has no more of them than can be woken at once. @throws InvalidRequest */
export const assertRoom = async (pointer: string, calendar: Calendar, joining: readonly string[]): Promise<void> => {
  const { schedules } = await users.usersOf(calendar);
  const all = new Set([...schedules.map(({ id }) => id), ...joining]);
  if (all.size <= users.MOST_USERS) return;
  throw refused(
    pointer,
    `${calendar.name} has ${users.MOST_USERS} schedules, and no more may refer to one; make another`,
  );
};
