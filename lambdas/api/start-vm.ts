import { BootBody } from './operate.ts';
import { vmAction } from './vm-action.ts';

/** POST /v1/vms/{id}/actions/start */
export const startVm = vmAction('start', { summary: 'Start a stopped VM', body: BootBody.prefault({}) });
