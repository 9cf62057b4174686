import { Fault } from '../domain/faults.ts';
import { isOpen, type Operation } from '../domain/operation.ts';
import { isUndoing } from '../domain/progress.ts';
import * as operations from '../store/operations.ts';
import { answer } from './answer.ts';
import { untilWritten } from './until-written.ts';

/** Why an operation cannot be cancelled now; undefined where it can. */
const obstacle = ({ state, kind, steps }: Operation): string | undefined => {
  if (!isOpen({ state })) return `It has ${state} already.`;
  if (state === 'undo-pending') return 'It is being undone.';
  const removing = kind === 'delete-vm' && steps.some((step) => step.name === 'Remove' && step.startedAt !== undefined);
  return removing ? 'The VM is being removed; undelete it afterwards.' : undefined;
};

const flag = async (id: string): Promise<Operation> => {
  const before = await operations.get(id);
  const reason = obstacle(before);
  if (reason !== undefined) throw new Fault('NotCancellable', `${id} cannot be cancelled: ${reason}`);
  if (before.cancelRequested) return before;
  return operations.swap(before, { ...before, cancelRequested: true, state: 'cancelling' });
};

/**
 * Cancels an operation at its next safe point, never its execution: each step reads the flag before it asks, and one that
 * waits is told so now. The workflow's Catch undoes. Twice is once, and does not reach the undo of the first.
 * @throws NotCancellable
 */
export const cancel = async ({ id }: Pick<Operation, 'id'>): Promise<Operation> => {
  const flagged = await untilWritten(() => flag(id));
  if (flagged.wait === undefined || isUndoing(flagged.wait.step)) return flagged;
  await answer(flagged, { fault: new Fault('Cancelled', 'A person cancelled the operation.') });
  return flagged;
};
