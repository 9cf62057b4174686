import { isTimeZone } from '../domain/civil-time.ts';
import { filtersOf, missingIn, VM_AND_GROUP_FIELDS } from '../domain/group-members.ts';
import type { Override, ScheduleSpec } from '../domain/schedule.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as calendars from '../store/calendars.ts';
import * as groups from '../store/groups.ts';
import { assertFilter, assertVms, refused } from './check-targets.ts';

/** A row has room for more, a person's mind has not. */
const MOST_GROUPS = 20;

/** The groups that it is about; that all of them are there. */
const groupsFor = async (spec: Checked, project: string): Promise<readonly VmGroup[]> => {
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

/** That its calendars are there, each once, and that none has more schedules than can be woken at once. */
const assertCalendars = async ({ id, calendars: ids = [] }: Checked, project: string): Promise<void> => {
  const known = await calendars.these(project, ids);
  for (const [index, each] of ids.entries()) {
    const pointer = `/calendars/${index}`;
    const calendar = known.find((one) => one.id === each);
    if (!calendar) throw refused(pointer, `there is no calendar ${each} in ${project}`);
    if (ids.indexOf(each) < index) throw refused(pointer, 'stands there twice');
    const users = (await calendars.usersOf(calendar)).filter((schedule) => schedule.id !== id);
    if (users.length < calendars.MOST_USERS) continue;
    throw refused(
      pointer,
      `${calendar.name} has ${calendars.MOST_USERS} schedules, and no more may refer to one; make another`,
    );
  }
};

type Checked = Pick<ScheduleSpec, 'timeZone' | 'targets' | 'calendars' | 'order'> & { readonly id?: string };

/**
 * What no schema can say of a schedule: that its zone is one, that its filter can be read, that its VMs, calendars and
 * groups are there. @returns the groups that it is about @throws InvalidRequest, InvalidFilter, naming the place
 */
export const assertSchedule = async (spec: Checked, project: string): Promise<readonly VmGroup[]> => {
  if (!isTimeZone(spec.timeZone)) {
    throw refused('/timeZone', `${spec.timeZone} is no time zone of IANA's, such as Europe/Berlin or UTC`);
  }
  if (spec.targets.filter !== undefined) assertFilter(spec.targets.filter, VM_AND_GROUP_FIELDS, '/targets');
  await assertVms(spec.targets.vms ?? [], project, '/targets');
  for (const [index, node] of (spec.order ?? []).entries()) {
    if (node.filter !== undefined) assertFilter(node.filter, VM_AND_GROUP_FIELDS, `/order/${index}`);
    await assertVms(node.vms ?? [], project, `/order/${index}`);
  }
  await assertCalendars(spec, project);
  return groupsFor(spec, project);
};

/** Two overrides of one moment contradict each other. @throws InvalidRequest */
export const assertApart = (overrides: readonly Override[], { from, until }: Override): void => {
  if (until <= from) throw refused('/until', `ends before it begins, at ${from}`);
  const other = overrides.find((each) => each.from < until && from < each.until);
  if (!other) return;
  throw refused('/from', `${other.by} has an override from ${other.from} until ${other.until}; end it first`);
};
