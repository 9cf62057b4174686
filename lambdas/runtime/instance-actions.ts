import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SendMessageCommand } from '@aws-sdk/client-sqs';
import { Fault } from '../domain/faults.ts';
import { type Action, delaysOf } from '../providers/ec2/actions.ts';
import { atMost, chunked } from './chunks.ts';
import { sqs } from './clients.ts';
import { env, text } from './env.ts';

const { ACTIONS_QUEUE_URL: QueueUrl } = env({ ACTIONS_QUEUE_URL: text });

/** SQS takes as many messages in one call. */
const A_CALL = 10;
/** So many calls at once; a thousand messages are a hundred calls. */
const AT_ONCE = 10;

const unreached = (cause: unknown): Fault =>
  new Fault('ProviderUnreachable', 'The queue of actions did not take it.', { cause });

/** Puts an action into the queue. @throws ProviderUnreachable */
export const order = async (action: Action, DelaySeconds: number): Promise<void> => {
  try {
    await sqs().send(new SendMessageCommand({ QueueUrl, DelaySeconds, MessageBody: JSON.stringify(action) }));
  } catch (error) {
    throw unreached(error);
  }
};

const send = async (Entries: SendMessageBatchRequestEntry[]): Promise<void> => {
  try {
    const { Failed = [] } = await sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length === 0) return;
    throw new Error(`${Failed.length} of ${Entries.length}: ${Failed[0]?.Message}`);
  } catch (error) {
    throw unreached(error);
  }
};

/** An action, and when it is to be asked. */
export interface Timed {
  readonly action: Action;
  readonly delaySeconds: number;
}

/** Actions of one key, each with its pause. */
export const timed = (actions: readonly Action[]): Timed[] => {
  const delays = delaysOf(actions);
  return actions.map((action, index) => ({ action, delaySeconds: delays[index] ?? 0 }));
};

/** Puts many into the queue. @throws ProviderUnreachable where one was not taken; to send all again is harmless */
export const orderAll = (many: readonly Timed[]): Promise<void> => {
  const entries = many.map(({ action, delaySeconds }, index) => ({
    Id: String(index),
    DelaySeconds: delaySeconds,
    MessageBody: JSON.stringify(action),
  }));
  return atMost(AT_ONCE, chunked(entries, A_CALL), send);
};
