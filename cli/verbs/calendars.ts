import type { Calendar, CalendarChange, CalendarSummary, NewCalendar } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems } from '../output.ts';
import { findAll, findCalendar } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { sheet } from '../table.ts';
import { clock } from '../times.ts';
import { calendarView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

type Row = [string, string | undefined];

const stretchText = ({ from, to, note }: CalendarSummary['dates'][number]): string =>
  `${from}${to === undefined ? '' : `..${to}`}${note === undefined ? '' : ` ${note}`}`;

const feedRows = ({ feed, feedState }: CalendarSummary): Row[] => {
  if (feed === undefined || !feedState) return [];
  const { events, ignored, readAt, fault } = feedState;
  const left = ignored > 0 ? `, ${ignored} of them with times of day, which close no day` : '';
  return [
    ['Feed', feed],
    ['Last read', `${clock(readAt)}: ${events} events${left}`],
    ...(fault ? [['Fault', `since ${clock(fault.since)}: ${fault.detail}`] satisfies Row] : []),
  ];
};

const print = (session: Session, calendars: readonly Calendar[]): Promise<void> =>
  printItems(session, calendarView(), calendars, (calendar) =>
    sheet(
      [
        ['Name', calendar.name],
        ['Id', calendar.id],
        ['For', calendar.description],
        ['Country', calendar.country],
        ...feedRows(calendar),
        ...calendar.dates.map((days): Row => ['Own', stretchText(days)]),
        ...(calendar.open.length > 0 ? [['Open', calendar.open.join(', ')] satisfies Row] : []),
        ...calendar.days.map(({ date, name }): Row => ['Closed', `${date} ${name}`.trim()]),
      ],
      (text) => session.paint('bold', text),
    ),
  );

/** `calendar list` */
export const listCalendars: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, calendarView(), (query) => session.client.call('GET /v1/calendars', { query }));

const read = (session: Session, id: string): Promise<Calendar> =>
  session.client.call('GET /v1/calendars/{id}', { path: { id } });

/** `calendar get` */
export const getCalendars: Verb = async (session, words) => {
  const found = await findAll(words, (word) => findCalendar(session, word));
  // A list leaves the days out.
  await print(session, await Promise.all(found.map(({ id }) => read(session, id))));
  return undefined;
};

interface Fields extends CommonOptions {
  readonly closed?: NewCalendar['dates'];
  readonly open?: readonly string[];
  readonly feed?: string | false;
  readonly country?: string | false;
  readonly description?: string;
  readonly name?: string;
}

const changeOf = ({ closed, open, feed, country, description, name }: Fields): CalendarChange => {
  const taken = { feed: feed === false ? null : feed, country: country === false ? null : country };
  const fields = { name, dates: closed, open, ...taken, description };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

/** `calendar create` */
export const createCalendar: Verb<Fields> = async (session, [name = ''], options) => {
  const { feed, country, description, ...rest } = changeOf(options);
  const said = { ...(description && { description }), ...(feed && { feed }), ...(country && { country }) };
  const body: NewCalendar = { ...rest, name, ...said };
  if (!feed && !country && !body.dates)
    throw new UsageError('Say which days: --closed, --feed, --country, or some of these.');
  await print(session, [await session.client.call('POST /v1/calendars', { body })]);
  session.note(`For a schedule: novacron schedule update <schedule> --calendar ${name}`);
  return undefined;
};

/** `calendar update` */
export const updateCalendar: Verb<Fields> = async (session, [word = ''], options) => {
  const body = changeOf(options);
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --closed or --country.');
  const { id } = await findCalendar(session, word);
  await print(session, [await session.client.call('PATCH /v1/calendars/{id}', { path: { id }, body })]);
  return undefined;
};

/** `calendar refresh` */
export const refreshCalendars: Verb = async (session, words) => {
  const found = await findAll(words, (word) => findCalendar(session, word));
  const now: Calendar[] = [];
  for (const { id } of found) {
    now.push(await session.client.call('POST /v1/calendars/{id}/actions/refresh', { path: { id } }));
  }
  await print(session, now);
  return undefined;
};

/** `calendar delete` */
export const deleteCalendars: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const found = await findAll(words, (word) => findCalendar(session, word));
  const names = found.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the calendar${found.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of found) {
    await session.client.call('DELETE /v1/calendars/{id}', { path: { id } });
    session.note(`${name} is deleted.`);
  }
  return undefined;
};
