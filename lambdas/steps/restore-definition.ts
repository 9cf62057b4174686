import { onVm } from '../runtime/step.ts';

/** Restore Definition: of a VM that was removed with its disks kept; it ends stopped. */
export const handler = onVm((vm, provider, { ask }) => provider.undelete(vm, ask));
