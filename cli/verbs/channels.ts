import type { TriedChannel } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { printList, printValue } from '../output.ts';
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
