import { onVm } from '../runtime/step.ts';

/** Reset: as the button of a machine does. */
export const handler = onVm((vm, provider, { ask }) => provider.reset(vm, ask));
