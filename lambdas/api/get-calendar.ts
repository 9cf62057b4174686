import { CalendarView } from '../domain/calendar.ts';
import * as calendars from '../store/calendars.ts';
import { CalendarPath } from './calendar-path.ts';
import { answered } from './change-calendar.ts';
import { route } from './route.ts';

/** GET /v1/calendars/{id} */
export const getCalendar = route({
  method: 'GET',
  path: '/v1/calendars/{id}',
  action: 'get-calendar',
  summary: 'A calendar: the days of the year to come, and what is wrong with its feed, and since when',
  access: 'viewer',
  params: CalendarPath,
  answers: { 200: CalendarView },
  handler: async ({ params: { id } }, call) => answered(await calendars.get(call.by.project, id), call),
});
