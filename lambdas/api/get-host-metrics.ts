import { SeriesView } from '../domain/metrics/view.ts';
import * as hosts from '../store/hosts.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';
import { seriesAsked, seriesQuery } from './series-asked.ts';

/** GET /v1/hosts/{id}/metrics */
export const getHostMetrics = route({
  method: 'GET',
  path: '/v1/hosts/{id}/metrics',
  action: 'get-host-metrics',
  summary: 'What was measured of a host: CPU, memory, disks, network, its pool',
  access: 'viewer',
  params: HostPath,
  query: seriesQuery('host'),
  answers: { 200: SeriesView },
  handler: async ({ params, query }, { at }) => {
    const { id } = await hosts.get(params.id);
    return { status: 200, body: await seriesAsked({ subject: id, source: id }, query, Date.parse(at)) };
  },
});
