import { isTimeZone } from '../domain/civil-time.ts';
import { Fault, type FieldError } from '../domain/faults.ts';
import { parseFilter } from '../domain/filter.ts';
import type { Override, ScheduleSpec, Targets } from '../domain/schedule.ts';
import { VM_FIELDS } from '../domain/vm-fields.ts';
import * as calendars from '../store/calendars.ts';
import * as vms from '../store/vms.ts';

const refused = (pointer: string, detail: string): Fault =>
  new Fault('InvalidRequest', `${pointer}: ${detail}.`, { errors: [{ pointer, detail }] });

const assertFilter = (filter: string, place: string): void => {
  const terms = parseFilter(filter, VM_FIELDS);
  if (terms.length > 0) return;
  throw refused(`${place}/filter`, 'has no term, and would be every VM; say which, e.g. tag:schedule=office');
};

const assertVms = async ({ vms: ids = [] }: Pick<Targets, 'vms'>, project: string, place: string): Promise<void> => {
  const known = new Set((await vms.ownOf(project, ids)).map(({ id }) => id));
  const errors: FieldError[] = ids.flatMap((id, index) =>
    known.has(id) ? [] : [{ pointer: `${place}/vms/${index}`, detail: `there is no VM ${id} in ${project}` }],
  );
  if (errors[0]) throw new Fault('InvalidRequest', `${errors[0].pointer}: ${errors[0].detail}.`, { errors });
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
 * What no schema can say of a schedule: that its zone is one, that its filter can be read, that its VMs and calendars are there.
 * @throws InvalidRequest, InvalidFilter, naming the place
 */
export const assertSchedule = async (spec: Checked, project: string): Promise<void> => {
  if (!isTimeZone(spec.timeZone)) {
    throw refused('/timeZone', `${spec.timeZone} is no time zone of IANA's, such as Europe/Berlin or UTC`);
  }
  if (spec.targets.filter !== undefined) assertFilter(spec.targets.filter, '/targets');
  await assertVms(spec.targets, project, '/targets');
  for (const [index, node] of (spec.order ?? []).entries()) {
    if (node.filter !== undefined) assertFilter(node.filter, `/order/${index}`);
    await assertVms(node, project, `/order/${index}`);
  }
  await assertCalendars(spec, project);
};

/** Two overrides of one moment contradict each other. @throws InvalidRequest */
export const assertApart = (overrides: readonly Override[], { from, until }: Override): void => {
  if (until <= from) throw refused('/until', `ends before it begins, at ${from}`);
  const other = overrides.find((each) => each.from < until && from < each.until);
  if (!other) return;
  throw refused('/from', `${other.by} has an override from ${other.from} until ${other.until}; end it first`);
};
