import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { type Calendar, calendarSummary, calendarView } from '../domain/calendar.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as users from '../store/calendar-users.ts';
import * as calendars from '../store/calendars.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

/** 200 with the calendar as it is now. */
export const answered = (calendar: Calendar, { at }: Call): Reply => ({
  status: 200,
  headers: { etag: etagOf(calendar) },
  body: calendarView(calendar, Date.parse(at)),
});

/** Writes a calendar that a person changed, and lets its schedules be looked at again, all at once. */
export const changeCalendar = (
  id: string,
  call: Call,
  change: (before: Calendar) => Promise<Calendar>,
): Promise<Calendar> =>
  untilWritten(async () => {
    const before = await calendars.get(call.by.project, id);
    // This very request has done it before.
    if (call.earlier?.subject === id) return before;
    assertUnchanged(before, call);
    const after = table.next(await change(before));
    await table.transact([
      calendars.swapping(after),
      ...(await calendars.renaming(before, after)),
      ...(await users.wakingUsersOf(after, call.at)),
      ...audited(call, { subject: id, before: calendarSummary(before), after: calendarSummary(after) }),
    ]);
    return after;
  });
