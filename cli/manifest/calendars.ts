import { CalendarChange, CalendarSpec, OwnDays } from '../../lambdas/domain/calendar.ts';
import { CLOSURE_FORM, closureOf, closureText } from '../periods.ts';
import { collect, pageAt, type Session } from '../session.ts';
import type { Kind } from './kind.ts';
import { typedList } from './typed-list.ts';

/** Calendars, as the API has them, their own days as they are typed. What a feed or a country came to is in no file. */
export const calendarsOf = ({ client }: Session): Kind => ({
  key: 'calendars',
  noun: 'calendar',
  spec: CalendarSpec,
  change: CalendarChange,
  forms: { dates: typedList({ schema: OwnDays, read: closureOf, write: closureText, form: CLOSURE_FORM }) },
  list: () => collect((cursor) => client.call('GET /v1/calendars', { query: pageAt(cursor) })),
  get: async (id) => {
    const { answer, etag } = await client.ask('GET /v1/calendars/{id}', { path: { id } });
    return { row: answer, etag };
  },
  create: async (spec) => {
    await client.call('POST /v1/calendars', { body: CalendarSpec.parse(spec) });
  },
  patch: async (id, change, ifMatch) => {
    const headers = { 'if-match': ifMatch };
    await client.call('PATCH /v1/calendars/{id}', { path: { id }, body: CalendarChange.parse(change), headers });
  },
  remove: async (id, ifMatch) => {
    await client.call('DELETE /v1/calendars/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
  },
});
