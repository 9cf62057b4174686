import { onVm } from '../runtime/step.ts';

/** Start: a VM that runs already is started. */
export const handler = onVm((vm, provider, { ask }) => provider.start(vm, ask));
