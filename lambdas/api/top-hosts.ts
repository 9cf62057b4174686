import { matchesFilter, parseFilter } from '../domain/filter.ts';
import { TopView } from '../domain/metrics/view.ts';
import * as hosts from '../store/hosts.ts';
import { HOST_FIELDS } from './host-fields.ts';
import { filterNames, route } from './route.ts';
import { topOf, topQuery } from './top-asked.ts';

/** GET /v1/metrics/hosts */
export const topHosts = route({
  method: 'GET',
  path: '/v1/metrics/hosts',
  action: 'top-hosts',
  summary: 'Which hosts use most now, and what all use together',
  access: 'viewer',
  query: topQuery('host'),
  filter: filterNames(HOST_FIELDS),
  answers: { 200: TopView },
  handler: async ({ query, filter }, { at }) => {
    const terms = parseFilter(filter, HOST_FIELDS);
    const all = (await hosts.all()).filter(
      (host) => host.state !== 'retired' && matchesFilter(terms, HOST_FIELDS, host),
    );
    const sources = all.map(({ id }) => id);
    return { status: 200, body: await topOf(all, sources, query, Date.parse(at)) };
  },
});
