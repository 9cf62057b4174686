import * as z from 'zod';
import { act, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

/** POST /v1/vms/{id}/actions/reboot */
export const rebootVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/reboot',
  action: 'reboot-vm',
  summary: 'Reboot the guest by its own means',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: z.strictObject({}).optional(),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun } }, call) => act(call, { kind: 'reboot-vm', id: params.id, dryRun, input: {} }),
});
