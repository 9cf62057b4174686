import { act, BootBody, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

/** POST /v1/vms/{id}/actions/start */
export const startVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/start',
  action: 'start-vm',
  summary: 'Start a stopped VM',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: BootBody.prefault({}),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun }, body }, call) =>
    act(call, { kind: 'start-vm', id: params.id, dryRun, input: body }),
});
