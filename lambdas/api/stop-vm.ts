import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { vmAction } from './vm-action.ts';

const StopVm = z.strictObject({
  graceSeconds: z.number().int().min(0).max(600).default(60),
  /** Do not ask the guest. */
  force: z.boolean().default(false),
  /** EC2: stop without the shutdown of the operating system. */
  skipOsShutdown: z.boolean().default(false),
});

/** POST /v1/vms/{id}/actions/stop */
export const stopVm = vmAction('stop', {
  summary: 'Stop a VM: ask the guest, and pull the plug when its grace is over',
  body: StopVm.prefault({}),
  /** KVM asks by ACPI; whoever does not want that, forces. */
  prepare: async ({ provider }, { skipOsShutdown }) => {
    if (provider === 'ec2' || !skipOsShutdown) return {};
    const detail = 'kvm has no such option';
    throw new Fault('InvalidRequest', `skipOsShutdown: ${detail}; use force.`, {
      errors: [{ pointer: '/skipOsShutdown', detail }],
    });
  },
});
