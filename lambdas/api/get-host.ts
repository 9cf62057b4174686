import { etagOf } from '../domain/asked.ts';
import { HostView, hostView } from '../domain/view.ts';
import * as hosts from '../store/hosts.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** GET /v1/hosts/{id} */
export const getHost = route({
  method: 'GET',
  path: '/v1/hosts/{id}',
  action: 'get-host',
  summary: 'Show a host with its facts and checks',
  access: 'viewer',
  params: HostPath,
  answers: { 200: HostView },
  handler: async ({ params }) => {
    const { host, beat } = await hosts.withBeat(params.id);
    return { status: 200, headers: { etag: etagOf(host) }, body: hostView(host, beat) };
  },
});
