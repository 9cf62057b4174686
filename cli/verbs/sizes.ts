import type { Verb } from '../command-tree.ts';
import { printList } from '../output.ts';
import { sizeView } from '../views.ts';

/** `size list`: a short list, never paged. */
export const listSizes: Verb = async (session) => {
  const { items } = await session.client.call('GET /v1/sizes');
  await printList(session, sizeView(), items);
  return undefined;
};
