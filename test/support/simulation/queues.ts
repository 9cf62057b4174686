import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { CONTEXT, queued } from '../stream.ts';
import type { Command } from './transport.ts';
import type { World } from './world.ts';

export type QueueConsumer = (event: SQSEvent, context: typeof CONTEXT) => Promise<SQSBatchResponse>;

/** lib/state-stack.ts: the visibility time-out of both queues, and how often a message is received before it is laid aside. */
const VISIBILITY_MS = 180_000;
const RECEIVES = 3;
const SECONDS = 30;

/** SQS: messages that wait out their delay, then come once, twice or late, and again where they were not handled. */
export class Queues {
  readonly deadLetters: string[] = [];
  readonly #world: World;
  readonly #consumers: ReadonlyMap<string, QueueConsumer>;

  /** Consumers by the last part of their queue's URL. */
  constructor(world: World, consumers: ReadonlyMap<string, QueueConsumer>) {
    this.#world = world;
    this.#consumers = consumers;
  }

  readonly serve = (command: Command): unknown => {
    if (command instanceof SendMessageCommand) {
      const { QueueUrl = '', DelaySeconds = 0, MessageBody = '' } = command.input;
      this.put(QueueUrl, MessageBody, DelaySeconds);
      return {};
    }
    if (command instanceof SendMessageBatchCommand) {
      const { QueueUrl = '', Entries = [] } = command.input;
      for (const { DelaySeconds = 0, MessageBody = '' } of Entries) this.put(QueueUrl, MessageBody, DelaySeconds);
      return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
    }
    throw new Error(`SQS does not know ${command.constructor.name}`);
  };

  /** Puts a message into the queue of this URL, or of its last part. */
  put(url: string, body: string, seconds = 0): void {
    const queue = url.split('/').at(-1) ?? '';
    if (queue === 'dead-letters') return void this.deadLetters.push(body);
    const { faults, random } = this.#world;
    const late = faults.fires('message-late') ? random.between(5_000, 300_000) : random.between(20, 500);
    this.#later(queue, seconds * 1000 + late, body, 1);
    if (faults.fires('message-twice')) this.#later(queue, seconds * 1000 + random.between(0, 60_000), body, 1);
  }

  #later(queue: string, milliseconds: number, body: string, receive: number): void {
    this.#world.scheduler.after(milliseconds, '', () => void this.#deliver(queue, body, receive), queue === 'beats');
  }

  async #deliver(queue: string, body: string, receive: number): Promise<void> {
    const consumer = this.#consumers.get(queue);
    if (consumer === undefined) throw new Error(`nobody reads the queue ${queue}`);
    const event = queued(body);
    for (const { attributes } of event.Records) attributes.ApproximateReceiveCount = String(receive);
    const ended = await this.#world.lambda.invoke(`queue ${queue}`, SECONDS, () => consumer(event, CONTEXT));
    // What eachMessage of runtime/records.ts answers.
    const failed = 'error' in ended || (ended.result as SQSBatchResponse).batchItemFailures.length > 0;
    if (!failed) return;
    if (receive >= RECEIVES) this.deadLetters.push(body);
    else this.#later(queue, VISIBILITY_MS, body, receive + 1);
  }
}
