import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { assertMode, GRACE_SECONDS, StopMode } from '../domain/stop-mode.ts';
import type { Vm } from '../domain/vm.ts';
import { vmAction } from './vm-action.ts';

const StopVm = z
  .strictObject({
    /** Keep its memory, by `hibernate` or `save`, or not. */
    mode: StopMode.default('stop'),
    /** 60 s, and 600 s where memory is kept. */
    graceSeconds: z.number().int().min(0).max(600).optional(),
    /** Do not ask the guest. */
    force: z.boolean().default(false),
    /** EC2: stop without the shutdown of the operating system. */
    skipOsShutdown: z.boolean().default(false),
  })
  .transform((body) => ({ ...body, graceSeconds: body.graceSeconds ?? GRACE_SECONDS[body.mode] }));
type StopVm = z.output<typeof StopVm>;

const misfit = (pointer: string, detail: string, instead = '.'): Fault =>
  new Fault('InvalidRequest', `${pointer.slice(1)}: ${detail}${instead}`, { errors: [{ pointer, detail }] });

/** KVM asks by ACPI; whoever does not want that, forces. @throws InvalidRequest, CapabilityMissing */
const assertCan = (vm: Vm, { mode, force, skipOsShutdown }: StopVm): void => {
  if (skipOsShutdown && vm.provider !== 'ec2')
    throw misfit('/skipOsShutdown', 'kvm has no such option', '; use force.');
  if (mode === 'stop') return;
  if (force) throw misfit('/force', `a plug that is pulled keeps no memory, so not with ${mode}`);
  if (skipOsShutdown) throw misfit('/skipOsShutdown', `not with ${mode}`);
  assertMode(vm, mode);
};

/** POST /v1/vms/{id}/actions/stop */
export const stopVm = vmAction('stop', {
  summary: 'Stop a VM: ask the guest, and pull the plug when its grace is over; or keep its memory',
  body: StopVm.prefault({}),
  prepare: async (vm, body) => {
    assertCan(vm, body);
    return {};
  },
});
