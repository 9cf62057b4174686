import { act, BootBody, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

/** POST /v1/vms/{id}/actions/reboot */
export const rebootVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/reboot',
  action: 'reboot-vm',
  summary: 'Reboot the guest by its own means, and wait until it is ready again',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: BootBody.prefault({}),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun }, body }, call) =>
    act(call, { kind: 'reboot-vm', id: params.id, dryRun, input: body }),
});
