import { onVm } from '../runtime/step.ts';

/** Remove: a VM that is gone is removed. Without `purge` its provider keeps what it can for an undelete. */
export const handler = onVm((vm, provider, { operation, ask }) =>
  provider.remove(vm, { purge: operation.input.purge === true }, ask),
);
