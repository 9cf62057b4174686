import { type Calendar, CalendarChange, CalendarView, changedSpec } from '../domain/calendar.ts';
import { refreshed } from '../runtime/refresh-calendar.ts';
import { CalendarPath } from './calendar-path.ts';
import { answered, changeCalendar } from './change-calendar.ts';
import { route } from './route.ts';

/** What was read of another feed, or is known of another country, is nothing to go by; what stays the same is not asked for again. */
const changed = async (before: Calendar, change: CalendarChange, now: number): Promise<Calendar> => {
  const spec = changedSpec(before, change);
  const { id, project, by, createdAt, version, dueAt, countryDays, feedDays, feedState } = before;
  const own = { ...spec, id, project, by, createdAt, version };
  const read = spec.feed === before.feed ? { ...(feedDays && { feedDays }), ...(feedState && { feedState }) } : {};
  if (spec.feed !== before.feed || spec.country !== before.country) return refreshed({ ...own, ...read }, now);
  return { ...own, ...read, ...(countryDays && { countryDays }), ...(dueAt && { dueAt }) };
};

/** PATCH /v1/calendars/{id} */
export const patchCalendar = route({
  method: 'PATCH',
  path: '/v1/calendars/{id}',
  action: 'patch-calendar',
  summary: 'Change a calendar; its schedules reckon with the new days at once',
  access: 'operator',
  params: CalendarPath,
  body: CalendarChange,
  answers: { 200: CalendarView },
  handler: async ({ params: { id }, body }, call) =>
    answered(await changeCalendar(id, call, (before) => changed(before, body, Date.parse(call.at))), call),
});
