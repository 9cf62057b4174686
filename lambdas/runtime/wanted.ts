import { isOpen, type Operation } from '../domain/operation.ts';
import type { Action } from '../providers/ec2/actions.ts';
import * as operations from '../store/operations.ts';
import { isWaiting } from './holder.ts';

/** An action with the message that it came by. */
export interface Ordered {
  readonly messageId: string;
  readonly action: Action;
  /** An earlier delivery was begun, and its end is not known. */
  readonly repeated: boolean;
}

/** One whose operation waits for it still. */
export interface Wanted extends Ordered {
  readonly operation: Operation;
}

/** How long what was read counts, in milliseconds: a stop that was cancelled meanwhile must not be asked for much later. */
export const FRESH_MS = 5_000;

/** Those that an operation waits for; the others are overtaken by a later attempt, cancelled or ended, and are dropped. */
export const stillWanted = async (ordered: readonly Ordered[]): Promise<Wanted[]> => {
  const rows = await operations.findAll(ordered.map(({ action }) => action.operationId));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ordered.flatMap((each) => {
    const operation = byId.get(each.action.operationId);
    if (!isWaiting(operation) || operation.wait.attempt !== each.action.attempt) return [];
    return isOpen(operation) && !operation.cancelRequested ? [{ ...each, operation }] : [];
  });
};
