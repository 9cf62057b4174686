import { assertUnchanged } from '../domain/asked.ts';
import { type Calendar, calendarSummary } from '../domain/calendar.ts';
import { Fault } from '../domain/faults.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as users from '../store/calendar-users.ts';
import * as calendars from '../store/calendars.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { CalendarPath } from './calendar-path.ts';
import { called, named } from './named.ts';
import { route } from './route.ts';

const assertUnused = async (calendar: Calendar): Promise<void> => {
  const { windows, schedules } = await users.usersOf(calendar);
  const all = [...windows, ...schedules].map(called);
  if (all.length > 0) throw new Fault('CalendarInUse', `${calendar.name} is used by ${named(all, 0)}.`);
};

/** DELETE /v1/calendars/{id} */
export const deleteCalendar = route({
  method: 'DELETE',
  path: '/v1/calendars/{id}',
  action: 'delete-calendar',
  summary: 'Forget a calendar to which no schedule and no window refers',
  access: 'operator',
  params: CalendarPath,
  answers: { 204: null },
  handler: ({ params: { id } }, call) =>
    // A schedule that begins to refer to it meanwhile has changed its version.
    untilWritten(async () => {
      const calendar = await calendars.get(call.by.project, id);
      assertUnchanged(calendar, call);
      await assertUnused(calendar);
      const told = audited(call, { subject: id, before: calendarSummary(calendar) });
      await table.transact([...(await calendars.removing(calendar)), ...told]);
      return { status: 204 };
    }),
});
