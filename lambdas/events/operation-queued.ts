import type { Operation } from '../domain/operation.ts';
import { startOperation } from '../runtime/execution.ts';
import { eachChange } from '../runtime/records.ts';

/** The state table's stream, new operations: starts the workflow of each. The sweeper starts what is missed here. */
export const handler = eachChange(async ({ entity, before, after }) => {
  if (entity !== 'operation' || before !== undefined || after?.state !== 'queued') return;
  // The row was written by store/operations.ts, as an Operation.
  await startOperation(after as Operation);
});
