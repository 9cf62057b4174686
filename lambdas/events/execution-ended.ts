import * as z from 'zod';
import { isOpen } from '../domain/operation.ts';
import { startUndo } from '../runtime/execution.ts';
import * as operations from '../store/operations.ts';

/** "Step Functions Execution Status Change", source aws.states, of executions that did not succeed. */
const Ended = z.object({
  detail: z.object({
    name: z.string(),
    status: z.enum(['TIMED_OUT', 'ABORTED', 'FAILED']),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const ERRORS = {
  TIMED_OUT: { Error: 'States.Timeout', Cause: 'The workflow ran into its time-out.' },
  ABORTED: { Error: 'ExecutionAborted', Cause: 'The workflow was aborted from outside.' },
};

/**
 * An operation's execution has ended without its record: one that timed out or was aborted runs no Catch, and a failed one
 * may not have been able to write. Its undo is started, which closes the record. An undo that ends so is the sweeper's.
 */
export const handler = async (event: unknown): Promise<void> => {
  const { name, status, error, cause } = Ended.parse(event).detail;
  const operation = await operations.find(name);
  if (operation === undefined || !isOpen(operation) || operation.state === 'undo-pending') return;
  const fault =
    status === 'FAILED' ? { Error: error ?? 'ExecutionFailed', ...(cause ? { Cause: cause } : {}) } : ERRORS[status];
  const executionArn = await startUndo(operation, fault);
  if (operation.executionArn !== executionArn) await operations.swap(operation, { ...operation, executionArn });
};
