import { WindowChange, WindowSpec } from '../../lambdas/domain/maintenance-window.ts';
import { Closure, Period } from '../../lambdas/domain/period.ts';
import { CLOSURE_FORM, closureOf, closureText, PERIOD_FORM, periodOf, periodText } from '../periods.ts';
import { collect, pageAt, type Session } from '../session.ts';
import type { Kind } from './kind.ts';
import { calendarReferences, namedForm, targetsForm, vmReferences } from './references.ts';
import { typedList } from './typed-list.ts';

/** Windows, as the API has them; VMs and calendars by their names, periods and closed days as they are typed. */
export const windowsOf = (session: Session): Kind => {
  const { client } = session;
  return {
    key: 'windows',
    noun: 'window',
    spec: WindowSpec,
    change: WindowChange,
    forms: {
      targets: targetsForm(vmReferences(session)),
      periods: typedList({ schema: Period, read: periodOf, write: periodText, form: PERIOD_FORM }),
      closures: typedList({ schema: Closure, read: closureOf, write: closureText, form: CLOSURE_FORM }),
      calendars: namedForm(calendarReferences(session)),
    },
    list: () => collect((cursor) => client.call('GET /v1/windows', { query: pageAt(cursor) })),
    get: async (id) => {
      const { answer, etag } = await client.ask('GET /v1/windows/{id}', { path: { id } });
      return { row: answer, etag };
    },
    create: async (spec) => {
      await client.call('POST /v1/windows', { body: WindowSpec.parse(spec) });
    },
    patch: async (id, change, ifMatch) => {
      const headers = { 'if-match': ifMatch };
      await client.call('PATCH /v1/windows/{id}', { path: { id }, body: WindowChange.parse(change), headers });
    },
    remove: async (id, ifMatch) => {
      await client.call('DELETE /v1/windows/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
    },
  };
};
