import { stripVTControlCharacters } from 'node:util';
import type { ListOptions, Verb } from '../command-tree.ts';
import { printItems, printValue } from '../output.ts';
import { vmPage } from '../pages.ts';
import { findAll, findVm } from '../resolve.ts';
import type { CommonOptions } from '../session.ts';
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
