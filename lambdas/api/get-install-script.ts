import script from '#install-script';
import { Fault } from '../domain/faults.ts';
import { HostPath } from './host-fields.ts';
import { route } from './route.ts';

/** GET /v1/hosts/{id}/install-script: what the one-line command of enrolment fetches; it holds no secret. */
export const getInstallScript = route({
  method: 'GET',
  path: '/v1/hosts/{id}/install-script',
  action: 'get-install-script',
  summary: 'The script that makes a machine a managed node',
  access: 'host',
  params: HostPath,
  answers: { 200: null },
  handler: async ({ params }, { by }) => {
    if (by.hostId !== params.id) throw new Fault('Forbidden', 'This token is for another host.');
    return { status: 200, headers: { 'content-type': 'text/x-shellscript' }, body: script };
  },
});
