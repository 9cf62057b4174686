import { onVm, step } from '../runtime/step.ts';

/** A create is taken back, and the fence raised against late commands. */
const undoCreate = onVm((vm, provider, { ask }) => provider.undoCreate(vm, ask));

/** Every other change is left as far as it came: Record Failure looks at what is there. */
const nothing = step(async () => ({ status: 'done' }));

/** Undo Launch, and Undo of an execution that ran into its time-out or was aborted. */
export const handler = (event: { execution: { kind: string } }): Promise<void> =>
  event.execution.kind === 'create-vm' ? undoCreate(event) : nothing(event);
