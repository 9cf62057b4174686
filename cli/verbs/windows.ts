import type { Window, WindowChange } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { calendarReferences, vmReferences } from '../manifest/references.ts';
import { openingText, openText } from '../openings.ts';
import { printItems } from '../output.ts';
import { closureText, periodText } from '../periods.ts';
import { findAll, findWindow } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { sheet } from '../table.ts';
import { windowView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';
import { needed, said, type TimedOptions, timedFieldsOf } from './timed.ts';

type Row = [string, string | undefined];

interface Fields extends TimedOptions {
  readonly silence?: boolean;
}

/** What of a window is told by names, where a person reads it. */
interface Named {
  readonly vms: readonly string[];
  readonly calendars: readonly string[];
}

const namedIn = async (session: Session, { targets, calendars = [] }: Window): Promise<Named> => ({
  vms: await vmReferences(session).names(targets.vms ?? []),
  calendars: await calendarReferences(session).names(calendars),
});

const page = (window: Window, { vms, calendars }: Named, session: Session): string => {
  const { filter } = window.targets;
  return sheet(
    [
      ['Name', window.name],
      ['Id', window.id],
      ['For', window.description],
      ['VMs', [...vms, ...(filter === undefined ? [] : [filter])].join(', ')],
      ['Zone', window.timeZone],
      ...window.periods.map((period): Row => ['Period', periodText(period)]),
      ...window.closures.map((closure): Row => ['Closed', closureText(closure)]),
      ...calendars.map((name): Row => ['Calendar', name]),
      ['Silences', window.silence ? 'alerts about its VMs, while it is open' : undefined],
      ['Open now', openText(window, Date.now())],
      ...window.next.map((opening): Row => ['Opens', openingText(opening, window.timeZone)]),
    ],
    (text) => session.paint('bold', text),
  );
};

const print = async (session: Session, windows: readonly Window[]): Promise<void> => {
  const [only] = windows;
  const named = only && session.format === 'table' ? await namedIn(session, only) : { vms: [], calendars: [] };
  await printItems(session, windowView(Date.now()), windows, (window) => page(window, named, session));
};

/** `window list` */
export const listWindows: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, windowView(Date.now()), (query) => session.client.call('GET /v1/windows', { query }));

/** `window get` */
export const getWindows: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findWindow(session, word)));
  return undefined;
};

/** `window create` */
export const createWindow: Verb<Fields> = async (session, [name = ''], options) => {
  const fields = await timedFieldsOf(session, options);
  const body = { ...fields, ...needed(fields, 'sun 02:00-04:00'), ...said({ silence: options.silence }), name };
  await print(session, [await session.client.call('POST /v1/windows', { body })]);
  session.note(`To have VMs up in it: novacron schedule update <schedule> --window ${name}`);
  return undefined;
};

/** `window update` */
export const updateWindow: Verb<Fields> = async (session, [word = ''], options) => {
  const body: WindowChange = { ...(await timedFieldsOf(session, options)), ...said({ silence: options.silence }) };
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --period or --closed.');
  const { id } = await findWindow(session, word);
  await print(session, [await session.client.call('PATCH /v1/windows/{id}', { path: { id }, body })]);
  return undefined;
};

/** `window delete` */
export const deleteWindows: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const found = await findAll(words, (word) => findWindow(session, word));
  const names = found.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the window${found.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of found) {
    await session.client.call('DELETE /v1/windows/{id}', { path: { id } });
    session.note(`${name} is deleted.`);
  }
  return undefined;
};
