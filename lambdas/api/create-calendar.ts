import { type Calendar, CalendarSpec, CalendarView, calendarSummary, calendarView } from '../domain/calendar.ts';
import { newId } from '../domain/ids.ts';
import { refreshed } from '../runtime/refresh-calendar.ts';
import * as calendars from '../store/calendars.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';

const make = async (spec: CalendarSpec, call: Call): Promise<Calendar> => {
  const { at, by } = call;
  const now = Date.parse(at);
  const fresh = { ...spec, id: newId('cal', now), project: by.project, by: by.id, createdAt: at, version: 1 };
  const calendar = await refreshed(fresh, now);
  const told = audited(call, { subject: calendar.id, after: calendarSummary(calendar) });
  await table.transact([...calendars.inserting(calendar), ...projects.whileLive(by.project), ...told]);
  return calendar;
};

/** POST /v1/calendars */
export const createCalendar = route({
  method: 'POST',
  path: '/v1/calendars',
  action: 'create-calendar',
  summary: 'Name days on which nothing begins: own dates, an iCal feed, the public holidays of a country',
  access: 'operator',
  body: CalendarSpec,
  answers: { 201: CalendarView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const calendar = before === undefined ? await make(body, call) : await calendars.get(call.by.project, before);
    const headers = { location: `/v1/calendars/${calendar.id}` };
    return { status: 201, headers, body: calendarView(calendar, Date.parse(call.at)) };
  },
});
