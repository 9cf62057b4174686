import { stripVTControlCharacters } from 'node:util';
import type { VmSchedule } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { openingText } from '../openings.ts';
import { printItems, printValue } from '../output.ts';
import { vmPage } from '../pages.ts';
import type { Paint } from '../paint.ts';
import { findAll, findVm } from '../resolve.ts';
import type { CommonOptions } from '../session.ts';
import { sheet } from '../table.ts';
import { clock } from '../times.ts';
import { eventView, vmView } from '../views.ts';
import { printPages } from './listing.ts';

/** `vm list` */
export const listVms: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, vmView(session.paint, Date.now()), (query) =>
    session.client.call('GET /v1/vms', { query }),
  );

/** `vm get` */
export const getVms: Verb = async (session, words) => {
  const vms = await findAll(words, (word) => findVm(session, word));
  await printItems(session, vmView(session.paint, Date.now()), vms, (vm) => vmPage(vm, session.paint));
  return undefined;
};

/** `vm events` */
export const listEvents: Verb<ListOptions> = async (session, [word = ''], options) => {
  const { id } = await findVm(session, word);
  return printPages(session, options, eventView(), (query) =>
    session.client.call('GET /v1/vms/{id}/events', { path: { id }, query }),
  );
};

const momentText = ({ at, askedAt, want, because }: NonNullable<VmSchedule['next']>): string =>
  `${want} ${clock(at)}${askedAt === undefined ? '' : `, begun ${clock(askedAt)}`} (${because})`;

const turnText = ({ node, after = [] }: VmSchedule): string | undefined =>
  node && (after.length === 0 ? `${node}, up first` : `${node}, up after ${after.join(', ')}`);

type Row = [string, string | undefined];

const scheduleRows = (found: VmSchedule): Row[] => {
  const { schedule, behind, wanted, next } = found;
  if (schedule === undefined) return [['Schedule', 'none: it obeys no schedule']];
  return [
    ['Schedule', `${schedule.name} ${schedule.id}, priority ${schedule.priority}`],
    ['Behind it', behind.map(({ name, priority }) => `${name} (priority ${priority})`).join(', ')],
    ['Wanted', wanted && momentText(wanted)],
    ['Next', next && momentText(next)],
    ['Turn', turnText(found)],
  ];
};

const disturbedRows = ({ windows }: VmSchedule): Row[] =>
  windows.map(({ window: { name, timeZone }, ...opening }) => [
    'May be disturbed',
    `${openingText(opening, timeZone)} ${timeZone}, ${name}`,
  ]);

const schedulePage = (found: VmSchedule, paint: Paint): string =>
  sheet([...scheduleRows(found), ...disturbedRows(found)], (text) => paint('bold', text));

/** `vm schedule` */
export const showSchedule: Verb<CommonOptions & { readonly at?: string }> = async (session, [word = ''], { at }) => {
  const { id } = await findVm(session, word);
  const found = await session.client.call('GET /v1/vms/{id}/schedule', { path: { id }, query: at ? { at } : {} });
  await printValue(session, found, () => schedulePage(found, session.paint), found.schedule?.name ?? '');
  return undefined;
};

/** A serial console speaks to whatever terminal reads it: only text, line ends and tabs may pass. */
const harmless = (text: string): string =>
  [...stripVTControlCharacters(text)].filter((letter) => letter >= ' ' || letter === '\n' || letter === '\t').join('');

/** `vm log` */
export const showLog: Verb<CommonOptions & { readonly bytes?: number }> = async (session, [word = ''], { bytes }) => {
  const { id } = await findVm(session, word);
  const query = bytes === undefined ? {} : { bytes };
  const log = await session.client.call('GET /v1/vms/{id}/console-log', { path: { id }, query });
  await printValue(session, log, () => {
    const text = harmless(log.text);
    return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  });
  return undefined;
};
