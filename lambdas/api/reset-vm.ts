import { Fault } from '../domain/faults.ts';
import type { Vm } from '../domain/vm.ts';
import { act, BootBody, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

/** EC2 has no such button. */
const assertCapable = async ({ provider, name }: Vm) => {
  if (provider === 'ec2')
    throw new Fault('CapabilityMissing', `EC2 cannot reset ${name}: stop it with force, then start it.`);
  return {};
};

/** POST /v1/vms/{id}/actions/reset */
export const resetVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/reset',
  action: 'reset-vm',
  summary: 'Reset a VM as its button does, and wait until it is ready again; not on EC2',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: BootBody.prefault({}),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun }, body }, call) =>
    act(call, { kind: 'reset-vm', id: params.id, dryRun, input: body, prepare: assertCapable }),
});
