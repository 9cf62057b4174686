import { HostView } from '../domain/view.ts';
import { setActive } from './change-host.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** POST /v1/hosts/{id}/actions/deactivate */
export const deactivateHost = route({
  method: 'POST',
  path: '/v1/hosts/{id}/actions/deactivate',
  action: 'deactivate-host',
  summary: 'Place nothing new on a host',
  access: 'system',
  params: HostPath,
  answers: { 200: HostView },
  handler: ({ params }, call) => setActive(call, params.id, false),
});
