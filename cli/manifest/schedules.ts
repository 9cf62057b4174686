import { Period } from '../../lambdas/domain/period.ts';
import { ScheduleChange, ScheduleSpec } from '../../lambdas/domain/schedule.ts';
import { PERIOD_FORM, periodOf, periodText } from '../periods.ts';
import { collect, pageAt, type Session } from '../session.ts';
import type { FileForm, Form, Kind } from './kind.ts';
import {
  calendarReferences,
  namedForm,
  type References,
  targetsForm,
  vmReferences,
  windowReferences,
  withVms,
} from './references.ts';
import { typedList } from './typed-list.ts';

const orderForm = (vms: References): Form => {
  const each = async (value: unknown, one: (node: unknown, index: number) => Promise<unknown>): Promise<unknown> =>
    Array.isArray(value) ? Promise.all(value.map(one)) : value;
  return {
    read: (value) => each(value, (node, index) => withVms(node, (words) => vms.ids(words, [index, 'vms']))),
    write: (value) => each(value, (node) => withVms(node, vms.names)),
  };
};

const PERIODS = typedList({ schema: Period, read: periodOf, write: periodText, form: PERIOD_FORM });

/** Schedules in a file that names no VM, for which no plane is needed. */
export const SCHEDULE_FILE: FileForm = { key: 'schedules', spec: ScheduleSpec, forms: { periods: PERIODS } };

/** Schedules, as the API has them; VMs, calendars and windows by their names, periods as they are typed. */
export const schedulesOf = (session: Session): Kind => {
  const { client } = session;
  const vms = vmReferences(session);
  return {
    ...SCHEDULE_FILE,
    noun: 'schedule',
    change: ScheduleChange,
    forms: {
      ...SCHEDULE_FILE.forms,
      targets: targetsForm(vms),
      order: orderForm(vms),
      calendars: namedForm(calendarReferences(session)),
      windows: namedForm(windowReferences(session)),
    },
    list: () => collect((cursor) => client.call('GET /v1/schedules', { query: pageAt(cursor) })),
    get: async (id) => {
      const { answer, etag } = await client.ask('GET /v1/schedules/{id}', { path: { id } });
      return { row: answer, etag };
    },
    create: async (spec) => {
      await client.call('POST /v1/schedules', { body: ScheduleSpec.parse(spec) });
    },
    patch: async (id, change, ifMatch) => {
      const headers = { 'if-match': ifMatch };
      await client.call('PATCH /v1/schedules/{id}', { path: { id }, body: ScheduleChange.parse(change), headers });
    },
    remove: async (id, ifMatch) => {
      await client.call('DELETE /v1/schedules/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
    },
  };
};
