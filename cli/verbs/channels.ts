import type { Verb } from '../command-tree.ts';
import { printList } from '../output.ts';
import { channelView } from '../views.ts';

/** `channel list`: a short list, never paged. */
export const listChannels: Verb = async (session) => {
  const { items } = await session.client.call('GET /v1/channels');
  await printList(session, channelView(Date.now()), items);
  return undefined;
};
