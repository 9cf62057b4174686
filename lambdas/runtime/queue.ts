import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { atMost, chunked } from './chunks.ts';
import { sqs } from './clients.ts';

export interface Message {
  readonly body: object;
  readonly delaySeconds: number;
}

/** SQS takes as many messages in one call ("SendMessageBatch", Amazon SQS API reference). */
const A_CALL = 10;
/** So many calls at once; a thousand messages are a hundred calls. */
const AT_ONCE = 10;

const entryOf = ({ body, delaySeconds }: Message, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  DelaySeconds: delaySeconds,
  MessageBody: JSON.stringify(body),
});

/** Puts messages into a queue, ten a call. @returns what kept one from being taken, by its place among them */
export const sendAll = async (QueueUrl: string, messages: readonly Message[]): Promise<ReadonlyMap<number, Error>> => {
  const failed = new Map<number, Error>();
  await atMost(AT_ONCE, chunked(messages.map(entryOf), A_CALL), async (Entries) => {
    try {
      const { Failed = [] } = await sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      for (const { Id, Code, Message: said } of Failed) failed.set(Number(Id), new Error(`${Code}: ${said}`));
    } catch (error) {
      for (const { Id } of Entries) failed.set(Number(Id), error instanceof Error ? error : new Error(String(error)));
    }
  });
  return failed;
};

/** Puts one message into a queue. @throws Error where it was not taken */
export const send = async (QueueUrl: string, message: Message): Promise<void> => {
  const [error] = (await sendAll(QueueUrl, [message])).values();
  if (error) throw error;
};
