import type { Verb } from '../command-tree.ts';
import { printList } from '../output.ts';
import type { CommonOptions } from '../session.ts';
import { alertView } from '../views.ts';

interface Asked extends CommonOptions {
  readonly filter?: readonly string[];
  readonly receiver?: string;
  readonly silenced: boolean;
  readonly inhibited: boolean;
}

/** `alert list`: never paged, as in Alertmanager's API. */
export const listAlerts: Verb<Asked> = async (session, _args, { filter, receiver, silenced, inhibited }) => {
  const query = { filter: filter?.join(','), receiver, silenced, inhibited };
  await printList(session, alertView(Date.now()), await session.client.call('GET /api/v2/alerts', { query }));
  return undefined;
};
