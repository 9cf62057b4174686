import { BootBody } from './operate.ts';
import { vmAction } from './vm-action.ts';

/** POST /v1/vms/{id}/actions/reboot */
export const rebootVm = vmAction('reboot', {
  summary: 'Reboot the guest by its own means, and wait until it is ready again',
  body: BootBody.prefault({}),
});
