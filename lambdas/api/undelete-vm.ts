import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import type { Vm } from '../domain/vm.ts';
import * as hosts from '../store/hosts.ts';
import { act, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

/** Back on its own host, whose room it takes again. */
const onItsHost = async ({ provider, name, location }: Vm) => {
  if (provider === 'ec2') throw new Fault('CapabilityMissing', `EC2 has terminated ${name} for good.`);
  return location.hostId === undefined ? {} : { host: await hosts.get(location.hostId) };
};

/** POST /v1/vms/{id}/actions/undelete */
export const undeleteVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/undelete',
  action: 'undelete-vm',
  summary: 'Bring back a deleted VM whose disks are kept; it ends stopped',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: z.strictObject({}).optional(),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun } }, call) =>
    act(call, { kind: 'undelete-vm', id: params.id, dryRun, input: {}, prepare: onItsHost }),
});
