import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Operation } from '../domain/operation.ts';
import type { TaskError } from '../domain/outcome.ts';
import { sfn } from './clients.ts';
import { env, text } from './env.ts';

const { STATE_MACHINE_PREFIX } = env({ STATE_MACHINE_PREFIX: text });

/** What a workflow reads of its operation beside its rows; the machine's time-outs are made of it. */
const Times = z.object({
  graceSeconds: z.number().int().min(0).max(600).default(60),
  readyTimeoutSeconds: z.number().int().min(1).max(3600).default(300),
});

const inputOf = ({ id, kind, vmId, hostId, input }: Operation) => ({
  operationId: id,
  kind,
  ...(vmId === undefined ? {} : { vmId }),
  ...(hostId === undefined ? {} : { hostId }),
  ...Times.parse(input),
});

/** Executions of our machines are found by name alone: `…:stateMachine:<name>` becomes `…:execution:<name>:<execution>`. */
const arnOf = (machine: string, name: string): string =>
  `${STATE_MACHINE_PREFIX.replace(':stateMachine:', ':execution:')}${machine}:${name}`;

const start = async (machine: string, name: string, input: object): Promise<void> => {
  const stateMachineArn = `${STATE_MACHINE_PREFIX}${machine}`;
  try {
    await sfn().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    // The name is the idempotency key, kept for 90 days: somebody has started it, and that is what we want.
    if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
  }
};

/** Starts an operation's workflow; a second time it is the same execution. */
export const startOperation = (operation: Operation): Promise<void> =>
  start(operation.kind, operation.id, inputOf(operation));

const undoName = ({ id, attempt }: Operation): string => `undo-${id}-${attempt}`;

/** Starts the undo of an operation whose workflow ended without a record, or could not undo. One per attempt of the operation. */
export const startUndo = (operation: Operation, fault: TaskError): Promise<void> =>
  start('undo-operation', undoName(operation), { ...inputOf(operation), fault });

export type ExecutionStatus = 'RUNNING' | 'ENDED' | 'NONE';

const statusOf = async (executionArn: string): Promise<ExecutionStatus> => {
  try {
    const { status } = await sfn().send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'RUNNING' : 'ENDED';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return 'NONE';
    throw error;
  }
};

/** Whether the operation's own workflow is there and goes on. */
export const workflowOf = (operation: Operation): Promise<ExecutionStatus> =>
  statusOf(arnOf(operation.kind, operation.id));

/** Whether an undo of this attempt or the one before is there: the undo's own step raises the attempt. */
export const undoOf = async (operation: Operation): Promise<ExecutionStatus> => {
  const earlier = { ...operation, attempt: Math.max(0, operation.attempt - 1) };
  const found = await Promise.all(
    [operation, earlier].map((each) => statusOf(arnOf('undo-operation', undoName(each)))),
  );
  return found.includes('RUNNING') ? 'RUNNING' : found.includes('ENDED') ? 'ENDED' : 'NONE';
};

/** The operation that an execution, named by its name, stands for. */
export const operationIdOfExecution = (name: string): string | undefined =>
  name.match(/op-[0-9a-hjkmnp-tv-z]{26}/)?.[0];
