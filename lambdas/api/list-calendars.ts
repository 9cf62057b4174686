import { type Calendar, CalendarSummary, calendarSummary } from '../domain/calendar.ts';
import { pageOf } from '../domain/page.ts';
import * as calendars from '../store/calendars.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: Calendar) => id,
    name: ({ name }: Calendar) => name,
    country: ({ country }: Calendar) => country,
    by: ({ by }: Calendar) => by,
  },
};

const LIST = {
  name: 'calendars',
  fields: FIELDS,
  read: calendars.page,
  position: (calendar: Calendar) => table.positionOf(calendars.entity, calendar),
  view: calendarSummary,
};

/** GET /v1/calendars */
export const listCalendars = route({
  method: 'GET',
  path: '/v1/calendars',
  action: 'list-calendars',
  summary: 'List the calendars of the project, oldest first',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(CalendarSummary) },
  handler: (input, { by }) => listed(LIST, input, by),
});
