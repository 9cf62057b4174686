import type { ListOptions, Verb } from '../command-tree.ts';
import { sizeView } from '../views.ts';
import { printPages } from './listing.ts';

/** `size list` */
export const listSizes: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, sizeView(), (query) => session.client.call('GET /v1/sizes', { query }));
