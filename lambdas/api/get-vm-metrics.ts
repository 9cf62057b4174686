import { sourceOf } from '../domain/metrics/sources.ts';
import { SeriesView } from '../domain/metrics/view.ts';
import { vmOf } from './gate.ts';
import { route } from './route.ts';
import { seriesAsked, seriesQuery } from './series-asked.ts';
import { VmPath } from './vm-path.ts';

/** GET /v1/vms/{id}/metrics */
export const getVmMetrics = route({
  method: 'GET',
  path: '/v1/vms/{id}/metrics',
  action: 'get-vm-metrics',
  summary: 'What was measured of a VM: CPU, memory, disks, network',
  access: 'viewer',
  params: VmPath,
  query: seriesQuery('vm'),
  answers: { 200: SeriesView },
  handler: async ({ params, query }, { by, at }) => {
    const vm = await vmOf(by, params.id);
    const body = await seriesAsked({ subject: vm.id, source: sourceOf(vm) }, query, Date.parse(at));
    return { status: 200, body };
  },
});
