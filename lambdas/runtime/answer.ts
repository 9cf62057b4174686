import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';
import { isThrottled } from './away.ts';
import { sfn } from './clients.ts';

/** Step Functions' limit on the cause of a failed task is 32,768 characters; a person reads far less. */
const LONGEST_CAUSE = 4_000;

/** Somebody answered before, or the step has moved on: for a repeated or late event that is how it should be. */
const ANSWERED: ReadonlySet<string> = new Set(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']);

/** Whether the answer was the one that counted. @throws Throttled, ProviderUnreachable */
const counted = async (sent: Promise<unknown>): Promise<boolean> => {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof Error && ANSWERED.has(error.name)) return false;
    // A step that cannot answer fails by a name that its state retries; anybody else's queue tries again.
    const name = error instanceof Error && isThrottled(error) ? 'Throttled' : 'ProviderUnreachable';
    throw new Fault(name, 'Step Functions did not take the answer.', { cause: error });
  }
};

/** Ends the wait that a token stands for, well. Answering twice is no error; only the first counts, and is told so. */
export const succeed = (taskToken: string, outcome: Outcome): Promise<boolean> =>
  counted(sfn().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(outcome) })));

/** Ends it by a fault: the workflow's Retry and Catch meet its name, with a cause as Lambda would write it. */
export const fail = (taskToken: string, { name, message }: Fault): Promise<boolean> => {
  const cause = JSON.stringify({ errorType: name, errorMessage: message.slice(0, LONGEST_CAUSE) });
  return counted(sfn().send(new SendTaskFailureCommand({ taskToken, error: name, cause })));
};

/** What is said to a waiting step. */
export type Said = { readonly outcome: Outcome } | { readonly fault: Fault };

/**
 * Answers the wait of an operation from outside its step: an event, a look, a report, a cancel. With `attempt` only the
 * wait of that attempt is meant, and a late word about an earlier one changes nothing.
 * @returns whether it was the answer that counted
 */
export const answer = async (operation: Operation, said: Said, attempt?: number): Promise<boolean> => {
  const { wait } = operation;
  if (wait === undefined || (attempt !== undefined && wait.attempt !== attempt)) return false;
  return 'fault' in said ? fail(wait.token, said.fault) : succeed(wait.token, said.outcome);
};
