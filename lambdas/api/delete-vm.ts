import * as z from 'zod';
import { act, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-path.ts';

const DeleteQuery = OperateQuery.extend({
  /** Take the disks too, at once. */
  purge: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

/** DELETE /v1/vms/{id} */
export const deleteVm = route({
  method: 'DELETE',
  path: '/v1/vms/{id}',
  action: 'delete-vm',
  summary: 'Delete a VM; on KVM its disks are kept for a while, unless purged',
  access: 'operator',
  params: VmPath,
  query: DeleteQuery,
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun, purge } }, call) =>
    act(call, { kind: 'delete-vm', id: params.id, dryRun, input: { purge } }),
});
