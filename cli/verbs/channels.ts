import type { PreviewedText, TriedChannel } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { labelsOf } from '../labels.ts';
import { fileText } from '../manifest/file-text.ts';
import { printList, printValue } from '../output.ts';
import type { CommonOptions } from '../session.ts';
import { type Column, table } from '../table.ts';
import { channelView } from '../views.ts';

/** `channel list`: a short list, never paged. */
export const listChannels: Verb = async (session) => {
  const { items } = await session.client.call('GET /v1/channels');
  await printList(session, channelView(Date.now()), items);
  return undefined;
};

const CAME_OF_IT: Readonly<Record<TriedChannel['outcome'], string>> = {
  took: 'took it',
  queued: 'hears it through its queue',
  'did-not-take': 'did not take it',
  'not-asked': 'was not asked',
};

const COLUMNS: readonly Column<TriedChannel>[] = [
  { title: 'WAY', value: ({ way }) => way },
  { title: '', value: ({ outcome }) => CAME_OF_IT[outcome] },
  { title: 'BECAUSE', value: ({ why }) => why },
];

/** `channel test`: fails where a way did not take it. */
export const testChannel: Verb = async (session, [receiver = '']) => {
  const tried = await session.client.call('POST /v1/channels/actions/test', { body: { receiver } });
  await printValue(session, tried, () => table(COLUMNS, tried.items, (text) => session.paint('bold', text)));
  return tried.items.some(({ outcome }) => outcome === 'did-not-take') ? EXIT.failed : undefined;
};

const heading = ({ way, field }: PreviewedText): string => (way === undefined ? field : `${way} ${field}`);

interface Previewing extends CommonOptions {
  readonly annotation?: readonly string[];
  readonly live?: boolean;
  readonly text?: string;
}

/** `channel preview`: fails where a text comes to nothing. */
export const previewChannel: Verb<Previewing> = async (session, [receiver = '', ...words], options) => {
  const { annotation = [], live = false, text } = options;
  const previewed = await session.client.call('POST /v1/channels/actions/preview', {
    body: {
      receiver,
      labels: labelsOf(words),
      annotations: labelsOf(annotation),
      live,
      ...(text === undefined ? {} : { template: text === '-' ? await fileText(session.io, text) : text }),
    },
  });
  const shown = (item: PreviewedText): string =>
    `${session.paint('bold', heading(item))}\n${item.text ?? `wrong: ${item.wrong}`}\n`;
  await printValue(session, previewed, () => previewed.items.map(shown).join('\n'));
  return previewed.items.some(({ wrong }) => wrong !== undefined) ? EXIT.failed : undefined;
};

const UNSENT = "What could not be sent in most of a day goes out again by the installation's own channels:";

/** `channel redeliver`: what a receiver was not told it is told within the minute. */
export const redeliverChannel: Verb = async (session, [receiver = '']) => {
  const done = await session.client.call('POST /v1/channels/actions/redeliver', { body: { receiver } });
  const left = done.left > 0 ? `, ${done.left} are left: ask again` : '';
  const queued = done.queues.length > 0 ? `\n${UNSENT} ${done.queues.join(', ')}.` : '';
  await printValue(session, done, () => `${receiver} is told again of ${done.groups} groups${left}.${queued}`);
  return undefined;
};
