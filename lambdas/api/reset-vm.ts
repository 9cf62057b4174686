import { Fault } from '../domain/faults.ts';
import { BootBody } from './operate.ts';
import { vmAction } from './vm-action.ts';

/** POST /v1/vms/{id}/actions/reset */
export const resetVm = vmAction('reset', {
  summary: 'Reset a VM as its button does, and wait until it is ready again; not on EC2',
  body: BootBody.prefault({}),
  prepare: async ({ provider, name }) => {
    if (provider !== 'ec2') return {};
    throw new Fault('CapabilityMissing', `EC2 cannot reset ${name}: stop it with force, then start it.`);
  },
});
