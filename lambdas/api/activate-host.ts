import { Fault } from '../domain/faults.ts';
import { HostView } from '../domain/view.ts';
import { changeHost, hostReply } from './change-host.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** POST /v1/hosts/{id}/actions/activate */
export const activateHost = route({
  method: 'POST',
  path: '/v1/hosts/{id}/actions/activate',
  action: 'activate-host',
  summary: 'Let placement use a host again',
  access: 'admin',
  params: HostPath,
  answers: { 200: HostView },
  handler: async ({ params }, call) =>
    hostReply(
      await changeHost(call, params.id, (host) => {
        if (host.state === 'retired') throw new Fault('InvalidTransition', `${host.name} is retired; enrol it again.`);
        return { ...host, active: true };
      }),
    ),
});
