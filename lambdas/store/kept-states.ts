import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { changed } from './write.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

/** Nothing is heard of a thing for so long before what was known of it is forgotten. */
const KEPT_DAYS = 15;

/** What is known of a thing from one look to the next, as it lies in the telemetry table. */
export interface Kept<T> {
  readonly of: string;
  readonly state: T;
  /** 0 of what is not there yet. */
  readonly version: number;
  /** When it was written first, and last, epoch ms. */
  readonly since: number;
  readonly at: number;
  /** Moments for which looks at it were ordered, ms. */
  readonly due: readonly number[];
}

/** What is written beside a state. */
export interface Beside {
  /** None where it is left out. */
  readonly due?: readonly number[];
  /** When it was written last, for those who ask: now where it is left out. */
  readonly at?: number;
}

/** States of one kind, each in one row that is written on condition. */
export interface KeptStates {
  /** What is known, or nothing yet as of now. */
  readonly get: <T>(of: string, nothing: T, now: number) => Promise<Kept<T>>;
  /** Writes what is known now. @returns it; @throws WriteConflict where another writer got there first */
  readonly swap: <T>(before: Kept<T>, state: T, now: number, beside?: Beside) => Promise<Kept<T>>;
}

const keyOf = (kind: string, of: string) => ({ pk: `${kind}#${of}`, sk: 'state' });

/** Those of a kind, whose partitions begin with it. */
export const keptStates = (kind: string): KeptStates => ({
  get: async <T>(of: string, nothing: T, now: number) => {
    const { Item } = await dynamo().send(new GetCommand({ TableName, Key: keyOf(kind, of), ConsistentRead: true }));
    if (Item === undefined) return { of, state: nothing, version: 0, since: now, at: 0, due: [] };
    // Only `swap` writes these rows, and only who asks for a kind knows what it is.
    const state = JSON.parse(inflateRawSync(Item.block as Uint8Array).toString()) as T;
    const due = (Item.due ?? []) as number[];
    return { of, state, version: Number(Item.version), since: Number(Item.since), at: Number(Item.at), due };
  },
  swap: async (before, state, now, { due = [], at = now } = {}) => {
    const block = deflateRawSync(JSON.stringify(state));
    const expiresAt = Math.ceil(now / 1000) + KEPT_DAYS * 86_400;
    const { of, since, version } = before;
    const Item = { ...keyOf(kind, of), block, version: version + 1, since, at, due, expiresAt };
    const condition =
      version === 0
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': version } };
    try {
      await dynamo().send(new PutCommand({ TableName, Item, ...condition }));
      return { of, state, version: version + 1, since, at, due };
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') throw changed();
      throw error;
    }
  },
});
