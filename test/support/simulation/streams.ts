import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { CONTEXT, streamed } from '../stream.ts';
import type { Ended } from './lambda.ts';
import type { Changed } from './tables.ts';
import type { World } from './world.ts';

type Consumer = (event: DynamoDBStreamEvent, context: typeof CONTEXT) => Promise<DynamoDBBatchResponse>;

interface StreamRecord extends Changed {
  readonly sequence: number;
}

/** lib/constructs/feeds.ts. */
const BATCH = 25;
const SECONDS = 30;

const shardOf = ({ before, after }: Changed): number => {
  const text = String((after ?? before)?.pk ?? '');
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return hash & 1;
};

/**
 * One consumer of the state table's stream: records of one shard in their order, in batches; a batch that fails is
 * delivered again from where it failed, and what fails for good is laid aside alone.
 */
export class StreamConsumer {
  readonly deadLetters: StreamRecord[] = [];
  readonly #world: World;
  readonly #name: string;
  readonly #handler: Consumer;
  readonly #wanted: (change: Changed) => boolean;
  readonly #tries: number;
  readonly #shards = [0, 1].map(() => ({ waiting: [] as StreamRecord[], busy: false, tries: 0 }));
  #sequence = 0;

  /** `tries`: how often a record is delivered that fails (lib/operations-stack.ts). */
  constructor(
    world: World,
    { name, tries }: { readonly name: string; readonly tries: number },
    handler: Consumer,
    wanted: (change: Changed) => boolean,
  ) {
    this.#world = world;
    this.#name = name;
    this.#handler = handler;
    this.#wanted = wanted;
    this.#tries = tries;
    world.tables.state.changed.push((change) => this.#take(change));
  }

  #take(change: Changed): void {
    this.#sequence += 1;
    if (!this.#wanted(change)) return;
    const shard = shardOf(change);
    this.#shards[shard]?.waiting.push({ ...change, sequence: this.#sequence });
    this.#poll(shard);
  }

  #poll(number: number): void {
    const shard = this.#shards[number];
    if (shard === undefined || shard.busy || shard.waiting.length === 0) return;
    shard.busy = true;
    const { scheduler, faults, random } = this.#world;
    const late = faults.fires('stream-late') ? random.between(2_000, 90_000) : random.between(50, 400);
    scheduler.after(late, '', () => void this.#deliver(number));
  }

  async #deliver(number: number): Promise<void> {
    const shard = this.#shards[number];
    if (shard === undefined) return;
    // After failures smaller batches: Lambda bisects, so that one bad record does not hold the others.
    const batch = shard.waiting.slice(0, shard.tries > 2 ? 1 : BATCH);
    const ended = await this.#call(batch);
    const done = doneOf(ended, batch);
    shard.tries = done > 0 ? 0 : shard.tries + 1;
    const { faults } = this.#world;
    if (done > 0 && faults.fires('stream-twice')) shard.tries = 0;
    else shard.waiting.splice(0, done);
    if (shard.tries >= this.#tries) {
      this.deadLetters.push(...shard.waiting.splice(0, 1));
      shard.tries = 0;
    }
    shard.busy = false;
    this.#poll(number);
  }

  #call(batch: readonly StreamRecord[]): Promise<Ended> {
    const event = streamed(...batch);
    for (const [index, record] of event.Records.entries()) {
      const sequence = batch[index]?.sequence;
      record.eventID = `event-${sequence}`;
      if (record.dynamodb) record.dynamodb.SequenceNumber = String(sequence);
    }
    return this.#world.lambda.invoke(this.#name, SECONDS, () => this.#handler(event, CONTEXT));
  }
}

/** How many records at the head of a batch were handled. */
const doneOf = (ended: Ended, batch: readonly StreamRecord[]): number => {
  if ('error' in ended) return 0;
  // What eachChange of runtime/records.ts answers.
  const { batchItemFailures } = ended.result as DynamoDBBatchResponse;
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  const first = batch.findIndex(({ sequence }) => failed.includes(String(sequence)));
  return first < 0 ? batch.length : first;
};
