import { matchesFilter, parseFilter } from '../domain/filter.ts';
import { sourcesOf } from '../domain/metrics/sources.ts';
import { TopView } from '../domain/metrics/view.ts';
import { VM_FIELDS } from '../domain/vm-fields.ts';
import * as vms from '../store/vms.ts';
import { filterNames, route } from './route.ts';
import { topOf, topQuery } from './top-asked.ts';

/** GET /v1/metrics/vms */
export const topVms = route({
  method: 'GET',
  path: '/v1/metrics/vms',
  action: 'top-vms',
  summary: 'Which VMs use most now, and what all use together',
  access: 'viewer',
  query: topQuery('vm'),
  filter: filterNames(VM_FIELDS),
  answers: { 200: TopView },
  handler: async ({ query, filter }, { by, at }) => {
    const terms = parseFilter(filter, VM_FIELDS);
    const all = (await Array.fromAsync(vms.allOf(by.project))).filter(
      (vm) => vm.state !== 'deleted' && matchesFilter(terms, VM_FIELDS, vm),
    );
    const candidates = all.map(({ id, name, state, location }) => ({ id, name, state, host: location.hostName }));
    return { status: 200, body: await topOf(candidates, sourcesOf(all), query, Date.parse(at)) };
  },
});
