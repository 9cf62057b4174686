import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import type { Vm } from '../domain/vm.ts';
import { act, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-fields.ts';

const StopVm = z.strictObject({
  graceSeconds: z.number().int().min(0).max(600).default(60),
  /** Do not ask the guest. */
  force: z.boolean().default(false),
  /** EC2: stop without the shutdown of the operating system. */
  skipOsShutdown: z.boolean().default(false),
});

/** KVM asks by ACPI; whoever does not want that, forces. */
const assertUnderstood =
  (skipOsShutdown: boolean) =>
  async ({ provider }: Vm) => {
    if (provider === 'ec2' || !skipOsShutdown) return {};
    const detail = 'kvm has no such option';
    throw new Fault('InvalidRequest', `skipOsShutdown: ${detail}; use force.`, {
      errors: [{ pointer: '/skipOsShutdown', detail }],
    });
  };

/** POST /v1/vms/{id}/actions/stop */
export const stopVm = route({
  method: 'POST',
  path: '/v1/vms/{id}/actions/stop',
  action: 'stop-vm',
  summary: 'Stop a VM: ask the guest, and pull the plug when its grace is over',
  access: 'operator',
  params: VmPath,
  query: OperateQuery,
  body: StopVm.prefault({}),
  answers: OPERATE_ANSWERS,
  handler: ({ params, query: { dryRun }, body }, call) =>
    act(call, { kind: 'stop-vm', id: params.id, dryRun, input: body, prepare: assertUnderstood(body.skipOsShutdown) }),
});
