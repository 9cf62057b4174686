import * as z from 'zod';
import { onVm } from '../runtime/step.ts';

const Input = z.object({
  graceSeconds: z.number().int().min(0).default(60),
  force: z.boolean().default(false),
  skipOsShutdown: z.boolean().default(false),
});

/** Ask To Stop, and Pull The Plug once the grace is over: stopping a VM that is stopped succeeds. */
export const handler = onVm((vm, provider, { step, operation, ask }) => {
  const { force, ...options } = Input.parse(operation.input);
  return provider.stop(vm, { ...options, force: force || step === 'Pull The Plug' }, ask);
});
