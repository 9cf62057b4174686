import { CalendarView } from '../domain/calendar.ts';
import { refreshed } from '../runtime/refresh-calendar.ts';
import { CalendarPath } from './calendar-path.ts';
import { answered, changeCalendar } from './change-calendar.ts';
import { route } from './route.ts';

/** POST /v1/calendars/{id}/actions/refresh */
export const refreshCalendar = route({
  method: 'POST',
  path: '/v1/calendars/{id}/actions/refresh',
  action: 'refresh-calendar',
  summary: 'Ask its feed now; where it is down, what was last read counts on and the answer says what is wrong',
  access: 'operator',
  params: CalendarPath,
  answers: { 200: CalendarView },
  handler: async ({ params: { id } }, call) =>
    answered(await changeCalendar(id, call, (before) => refreshed(before, Date.parse(call.at))), call),
});
