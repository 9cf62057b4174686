import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import { stepsMeanwhile } from '../domain/progress.ts';
import * as operations from '../store/operations.ts';

/** Writes to the step that runs what is known of it meanwhile. Whoever wrote the row at this moment had greater news. */
export const tell = async (operation: Operation, detail: string): Promise<void> => {
  try {
    await operations.swap(operation, { ...operation, steps: stepsMeanwhile(operation.steps, detail) });
  } catch (error) {
    if (!(error instanceof Fault && error.name === 'WriteConflict')) throw error;
  }
};
