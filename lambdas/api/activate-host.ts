import { HostView } from '../domain/view.ts';
import { setActive } from './change-host.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** POST /v1/hosts/{id}/actions/activate */
export const activateHost = route({
  method: 'POST',
  path: '/v1/hosts/{id}/actions/activate',
  action: 'activate-host',
  summary: 'Let placement use a host again',
  access: 'system',
  params: HostPath,
  answers: { 200: HostView },
  handler: ({ params }, call) => setActive(call, params.id, true),
});
