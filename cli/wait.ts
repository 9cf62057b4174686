import type { Operation } from './api.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { explanationLines } from './explain.ts';
import { follow, isOpen } from './follow.ts';
import { paintFor } from './paint.ts';
import { type Progress, plainProgress, titleOf } from './progress.ts';
import type { Session } from './session.ts';

export interface WaitOptions {
  readonly timeoutSeconds: number;
}

const progressOf = async ({ io }: Session, operations: readonly Operation[]): Promise<Progress> => {
  if (io.terminal === undefined) return plainProgress(io);
  const { liveProgress } = await import('./live-progress.ts');
  return liveProgress(io.terminal, paintFor(io.stderr, io.env), operations);
};

const watchOne = async (
  session: Session,
  first: Operation,
  progress: Progress,
  deadline: number,
): Promise<Operation> => {
  let last = first;
  const { client, io } = session;
  try {
    for await (const operation of follow(client, first, { signal: io.interrupted, deadline })) {
      last = operation;
      progress.show(operation);
    }
  } catch (error) {
    // Ctrl-C ends the watching; what is known so far is the answer.
    if (!io.interrupted.aborted) throw error;
  }
  return last;
};

/** Watches operations to their end, showing each step. What it returns may be open still: time was up, or Ctrl-C. */
export const watch = async (
  session: Session,
  operations: readonly Operation[],
  { timeoutSeconds }: WaitOptions,
): Promise<Operation[]> => {
  const progress = await progressOf(session, operations);
  const deadline = Date.now() + timeoutSeconds * 1000;
  try {
    return await Promise.all(operations.map((operation) => watchOne(session, operation, progress, deadline)));
  } finally {
    await progress.end();
  }
};

/** Tells on standard error what came of operations that did not succeed, and gives the exit code for all of them. */
export const judge = (session: Session, operations: readonly Operation[], { timeoutSeconds }: WaitOptions): number => {
  const { io } = session;
  const paint = paintFor(io.stderr, io.env);
  for (const operation of operations) {
    if (isOpen(operation) || operation.state === 'succeeded') continue;
    const name = operation.error?.name ?? operation.state;
    const explanation = {
      title: `${titleOf(operation)} ${operation.state === 'cancelled' ? 'was cancelled' : `failed (${name})`}`,
      details: operation.error?.detail.split('\n') ?? [],
      next: `See its steps: novacron op get ${operation.id}`,
      ...(operation.error === undefined ? {} : { docs: `docs/problems/${name}.md` }),
      exitCode: EXIT.failed,
    };
    io.stderr.write(explanationLines(explanation, paint));
  }
  const open = operations.filter(isOpen);
  if (open.length > 0) {
    const ids = open.map(({ id }) => id).join(' ');
    const why = io.interrupted.aborted ? 'No longer watching' : `Not done after ${timeoutSeconds} s`;
    const they = open.length === 1 ? 'the operation goes on' : 'the operations go on';
    session.note(`${why}; ${they}. Watch: novacron op watch ${ids}   Stop: novacron op cancel ${ids}`);
  }
  if (open.length > 0) return io.interrupted.aborted ? EXIT.interrupted : EXIT.timedOut;
  return operations.every(({ state }) => state === 'succeeded') ? EXIT.ok : EXIT.failed;
};

/** The VM of an operation. @throws CliError where it has none */
export const vmIdOf = (operation: Operation): string => {
  if (operation.vmId !== undefined) return operation.vmId;
  throw new CliError(`Operation ${operation.id} has no VM.`);
};
