import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Scheduler } from './simulation/scheduler.ts';
import { queued } from './stream.ts';

/** lib/constructs/notice-queue.ts, and how Lambda reads a FIFO queue: few functions, ten messages each, a group in one at a time. */
const VISIBILITY_MS = 60_000;
const FUNCTION_MS = 30_000;
const RECEIVES = 1_000;
const BATCH = 10;
const FUNCTIONS = 2;
/** How long SQS knows a message again by its deduplication id. */
const REMEMBERED_MS = 300_000;

export interface FifoMessage {
  readonly body: string;
  readonly group: string;
  receives: number;
  visibleAt: number;
}

type Consumer = (event: SQSEvent, context: { getRemainingTimeInMillis: () => number }) => Promise<SQSBatchResponse>;

/** A FIFO queue of SQS and the function behind it, in virtual time. */
export class FifoQueue {
  readonly deadLetters: FifoMessage[] = [];
  readonly #scheduler: Scheduler;
  readonly #consumer: Consumer;
  readonly #isCrash: () => boolean;
  /** By group, in their order. A group whose first message is not visible waits as a whole. */
  readonly #groups = new Map<string, FifoMessage[]>();
  readonly #known = new Map<string, number>();
  #busy = 0;

  /** `isCrash` is asked after each call whether the function dies before its answer arrives. */
  constructor(scheduler: Scheduler, consumer: Consumer, isCrash: () => boolean) {
    this.#scheduler = scheduler;
    this.#consumer = consumer;
    this.#isCrash = isCrash;
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, { length }) => sum + length, 0);
  }

  send({ MessageBody = '', MessageGroupId = '', MessageDeduplicationId = '' }: SendMessageCommandInput): void {
    const { now } = this.#scheduler;
    const id = `${MessageGroupId} ${MessageDeduplicationId}`;
    if (now - (this.#known.get(id) ?? Number.NEGATIVE_INFINITY) < REMEMBERED_MS) return;
    this.#known.set(id, now);
    const group = this.#groups.get(MessageGroupId) ?? [];
    this.#groups.set(MessageGroupId, group);
    group.push({ body: MessageBody, group: MessageGroupId, receives: 0, visibleAt: now });
    this.#poll();
  }

  #poll(): void {
    if (this.#busy >= FUNCTIONS) return;
    const batch = this.#receive();
    if (batch.length === 0) return;
    this.#busy += 1;
    this.#scheduler.after(50, '', () => void this.#invoke(batch));
  }

  #receive(): FifoMessage[] {
    const { now } = this.#scheduler;
    const batch: FifoMessage[] = [];
    for (const group of this.#groups.values()) {
      // What was received together is visible together.
      if ((group[0]?.visibleAt ?? 0) > now) continue;
      batch.push(...group.slice(0, BATCH - batch.length));
      if (batch.length === BATCH) break;
    }
    for (const message of batch) {
      message.receives += 1;
      message.visibleAt = now + VISIBILITY_MS;
    }
    return batch;
  }

  async #invoke(batch: readonly FifoMessage[]): Promise<void> {
    const end = this.#scheduler.now + FUNCTION_MS;
    const event = queued(...batch.map(({ body }) => body));
    const answered = await this.#consumer(event, { getRemainingTimeInMillis: () => end - this.#scheduler.now }).catch(
      () => undefined,
    );
    if (this.#scheduler.now > end) throw new Error('the function takes longer than it may');
    this.#busy -= 1;
    const failed = new Set(answered?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const isLost = answered === undefined || this.#isCrash();
    for (const [index, message] of batch.entries()) {
      if (!isLost && !failed.has(`message-${index}`)) this.#remove(message);
      else this.#again(message);
    }
    this.#poll();
    this.#poll();
  }

  #again(message: FifoMessage): void {
    if (message.receives >= RECEIVES) {
      this.#remove(message);
      this.deadLetters.push(message);
    }
    this.#scheduler.after(message.visibleAt - this.#scheduler.now, '', () => this.#poll());
  }

  #remove(message: FifoMessage): void {
    const group = this.#groups.get(message.group) ?? [];
    group.splice(group.indexOf(message), 1);
    if (group.length === 0) this.#groups.delete(message.group);
  }
}
