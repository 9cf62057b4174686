import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Operation } from '../domain/operation.ts';
import type { TaskError } from '../domain/outcome.ts';
import { sfn } from './clients.ts';
import { env, text } from './env.ts';

const { STATE_MACHINE_PREFIX } = env({ STATE_MACHINE_PREFIX: text });

/** What a workflow reads of its operation's input; the machine's time-outs are made of it. */
const Told = z.object({
  graceSeconds: z.number().int().min(0).max(600).default(60),
  readyTimeoutSeconds: z.number().int().min(1).max(3600).default(300),
  /** Read in one call with the other rows where it is named. */
  imageId: z.string().optional(),
  anew: z.boolean().optional(),
});

const inputOf = ({ id, kind, vmId, hostId, input }: Operation) => ({
  operationId: id,
  kind,
  ...(vmId === undefined ? {} : { vmId }),
  ...(hostId === undefined ? {} : { hostId }),
  ...Told.parse(input),
});

/** Where an execution of ours is found, by its name alone. */
const arnOf = (machine: string, name: string): string =>
  `${STATE_MACHINE_PREFIX.replace(':stateMachine:', ':execution:')}${machine}:${name}`;

const start = async (machine: string, name: string, input: object): Promise<string> => {
  const stateMachineArn = `${STATE_MACHINE_PREFIX}${machine}`;
  try {
    await sfn().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    // The name is the idempotency key, kept for 90 days: somebody has started it, and that is what we want.
    if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
  }
  return arnOf(machine, name);
};

/** Starts an operation's workflow; a second time it is the same execution. */
export const startOperation = (operation: Operation): Promise<string> =>
  start(operation.kind, operation.id, inputOf(operation));

/**
 * Starts the undo of an operation whose workflow ended without a record, or could not undo. The same `again` is the
 * same execution. @returns its ARN, to be kept on the operation
 */
export const startUndo = (operation: Operation, fault: TaskError, again?: number): Promise<string> =>
  start('undo-operation', ['undo', operation.id, again].filter((part) => part !== undefined).join('-'), {
    ...inputOf(operation),
    fault,
  });

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'ENDED' | 'NONE';

/** What has become of the execution that works on this operation now: its undo where there is one, else its own. */
export const workOn = async (operation: Operation): Promise<ExecutionStatus> => {
  const executionArn = operation.executionArn ?? arnOf(operation.kind, operation.id);
  try {
    const { status } = await sfn().send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'RUNNING';
    return status === 'SUCCEEDED' ? 'SUCCEEDED' : 'ENDED';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return 'NONE';
    throw error;
  }
};
