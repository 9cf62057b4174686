import type { NewSchedule, Schedule, ScheduleChange } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { findAll, findSchedule, findVm, findWindow } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { scheduleView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';
import { print } from './show-schedules.ts';
import { needed, said, type TimedOptions, timedFieldsOf } from './timed.ts';

/** `schedule list` */
export const listSchedules: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, scheduleView(), (query) => session.client.call('GET /v1/schedules', { query }));

/** `schedule get` */
export const getSchedules: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findSchedule(session, word)));
  return undefined;
};

interface Fields extends TimedOptions {
  readonly window?: readonly string[];
  readonly windows?: boolean;
  readonly order?: NonNullable<NewSchedule['order']> | 'none';
  readonly missed?: NewSchedule['missed'];
  readonly priority?: number;
  readonly grace?: number;
  readonly stopMode?: 'stop' | 'hibernate' | 'save';
  readonly digest?: string;
  readonly early?: NonNullable<NewSchedule['early']>;
}

/** The order with the ids of its VMs; undefined where nothing is said of it, or none is wanted. */
const orderOf = async (session: Session, { order }: Fields): Promise<NewSchedule['order']> => {
  if (order === undefined || order === 'none') return undefined;
  return Promise.all(
    order.map(async ({ vms, ...node }) => {
      const found = vms && (await findAll(vms, (word) => findVm(session, word)));
      return { ...node, ...(found ? { vms: found.map(({ id }) => id) } : {}) };
    }),
  );
};

/** Their ids; none where it is to refer to none, undefined where nothing is said of them. */
const windowsOf = async (session: Session, { window, windows }: Fields): Promise<string[] | undefined> => {
  if (windows === false) return [];
  return window && (await findAll(window, (word) => findWindow(session, word))).map(({ id }) => id);
};

/** What is said of a schedule that is made or changed; an order of `none` is one that is taken away. */
const fieldsOf = async (session: Session, options: Fields): Promise<Partial<NewSchedule>> => {
  const { missed, priority, grace, stopMode, digest, early } = options;
  return {
    ...(await timedFieldsOf(session, options)),
    ...said({
      windows: await windowsOf(session, options),
      order: await orderOf(session, options),
      missed,
      priority,
      graceMinutes: grace,
      stopMode,
      digest,
      early,
    }),
  };
};

/** `schedule create` */
export const createSchedule: Verb<Fields> = async (session, [name = ''], options) => {
  const fields = await fieldsOf(session, options);
  const body: NewSchedule = { ...fields, ...needed(fields, 'mon-fri 09:00-18:00'), name };
  const schedule = await session.client.call('POST /v1/schedules', { body });
  await print(session, [schedule]);
  session.note(`What it will do, and what it saves: novacron schedule preview ${name}`);
  return undefined;
};

const change = (session: Session, { id }: Schedule, body: ScheduleChange): Promise<Schedule> =>
  session.client.call('PATCH /v1/schedules/{id}', { path: { id }, body });

/** `schedule update` */
export const updateSchedule: Verb<Fields> = async (session, [word = ''], options) => {
  const fields = await fieldsOf(session, options);
  const body: ScheduleChange = { ...fields, ...(options.order === 'none' ? { order: null } : {}) };
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --period or --closed.');
  await print(session, [await change(session, await findSchedule(session, word), body)]);
  return undefined;
};

const turned =
  (enabled: boolean): Verb =>
  async (session, words) => {
    const found = await findAll(words, (word) => findSchedule(session, word));
    const now: Schedule[] = [];
    for (const schedule of found) now.push(await change(session, schedule, { enabled }));
    await print(session, now);
    return undefined;
  };

/** `schedule enable` */
export const enableSchedules = turned(true);
/** `schedule disable` */
export const disableSchedules = turned(false);

interface OverrideOptions extends CommonOptions {
  readonly want: 'up' | 'down';
  readonly until: string;
  readonly from?: string;
  readonly note?: string;
}

/** `schedule override` */
export const overrideSchedule: Verb<OverrideOptions> = async (session, [word = ''], { want, until, from, note }) => {
  const { id } = await findSchedule(session, word);
  const body = { want, until, ...(from === undefined ? {} : { from }), ...(note === undefined ? {} : { note }) };
  await print(session, [await session.client.call('POST /v1/schedules/{id}/actions/override', { path: { id }, body })]);
  return undefined;
};

/** `schedule end-override` */
export const endOverride: Verb = async (session, [word = '']) => {
  const { id } = await findSchedule(session, word);
  await print(session, [await session.client.call('POST /v1/schedules/{id}/actions/end-override', { path: { id } })]);
  return undefined;
};

/** `schedule delete` */
export const deleteSchedules: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const found = await findAll(words, (word) => findSchedule(session, word));
  const names = found.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the schedule${found.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of found) {
    await session.client.call('DELETE /v1/schedules/{id}', { path: { id } });
    session.note(`${name} is deleted; its VMs stay as they are.`);
  }
  return undefined;
};
