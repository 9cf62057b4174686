import { etagOf } from '../domain/asked.ts';
import { VmView, vmView } from '../domain/view.ts';
import { vmOf } from './gate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-path.ts';

/** GET /v1/vms/{id} */
export const getVm = route({
  method: 'GET',
  path: '/v1/vms/{id}',
  action: 'get-vm',
  summary: 'Show a VM',
  access: 'viewer',
  params: VmPath,
  answers: { 200: VmView },
  handler: async ({ params }, { by }) => {
    const vm = await vmOf(by, params.id);
    return { status: 200, headers: { etag: etagOf(vm) }, body: vmView(vm) };
  },
});
