import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { StopMode } from '../domain/stop-mode.ts';
import { onVm } from '../runtime/step.ts';

const Input = z.object({
  mode: StopMode.default('stop'),
  graceSeconds: z.number().int().min(0).default(60),
  force: z.boolean().default(false),
  skipOsShutdown: z.boolean().default(false),
});

/**
 * Ask To Stop, and Pull The Plug once the grace is over: stopping a VM that is stopped succeeds. Where memory is to be kept no
 * plug is pulled, which would lose it. @throws GraceOver
 */
export const handler = onVm(async (vm, provider, { step, operation, ask }) => {
  const { force, ...options } = Input.parse(operation.input);
  const isOver = step === 'Pull The Plug';
  if (isOver && options.mode !== 'stop') {
    const told = `${vm.name} did not ${options.mode} within ${options.graceSeconds} s, and is left as it is.`;
    throw new Fault('GraceOver', `${told} Ask again with a longer graceSeconds, or for a plain stop.`);
  }
  return provider.stop(vm, { ...options, force: force || isOver }, ask);
});
