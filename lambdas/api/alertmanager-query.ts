import { type Matcher, parseMatchers } from '../domain/alerts/matchers.ts';
import { Fault } from '../domain/faults.ts';
import { PlainOrEmptyText } from '../domain/plain-text.ts';
import type { Call } from './route.ts';

/** `filter` may come again and again in a query of Alertmanager's API; a route's own query has each parameter once. */
export const FilterQuery = PlainOrEmptyText(4096).optional().meta({
  description: 'Matchers such as team="db",severity=~"warning|critical"; may be given again, and all must hold',
});

const refused = (detail: string): Fault =>
  new Fault('InvalidRequest', `The filter cannot be read: ${detail}.`, {
    errors: [{ pointer: 'query/filter', detail }],
  });

const readMatchers = (text: string): Matcher[] => {
  try {
    return parseMatchers(text);
  } catch (error) {
    throw refused(error instanceof Error ? error.message.slice(0, 500) : 'no matcher');
  }
};

/** All matchers of a request's `filter` parameters. @throws InvalidRequest */
export const filtersIn = ({ event }: Call): Matcher[] =>
  new URLSearchParams(event.rawQueryString).getAll('filter').flatMap(readMatchers);
