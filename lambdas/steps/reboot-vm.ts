import { onVm } from '../runtime/step.ts';

/** Reboot: by the guest's own means; done once the provider has taken the order. */
export const handler = onVm((vm, provider, { ask }) => provider.reboot(vm, ask));
