import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { changed } from './write.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

/** Nothing is heard of a source for so long before what its rules knew is forgotten. */
const KEPT_DAYS = 15;

const keyOf = (of: string) => ({ pk: `rules#${of}`, sk: 'state' });

/** What rules know of a source of samples, or of a project, as it lies in the telemetry table. */
export interface Kept<T> {
  readonly of: string;
  readonly state: T;
  /** 0 of what is not there yet. */
  readonly version: number;
  /** When it was written first, and last, epoch ms. */
  readonly since: number;
  readonly at: number;
}

/** What is known, or nothing yet as of now. */
export const get = async <T>(of: string, nothing: T, now: number): Promise<Kept<T>> => {
  const { Item } = await dynamo().send(new GetCommand({ TableName, Key: keyOf(of), ConsistentRead: true }));
  if (Item === undefined) return { of, state: nothing, version: 0, since: now, at: 0 };
  // Only `swap` writes these rows; the rules that a state is of know it by its version.
  const state = JSON.parse(inflateRawSync(Item.block as Uint8Array).toString()) as T;
  return { of, state, version: Number(Item.version), since: Number(Item.since), at: Number(Item.at) };
};

/** Writes what is known now. @throws WriteConflict where another writer got there first */
export const swap = async <T>(before: Kept<T>, state: T, now: number): Promise<void> => {
  const block = deflateRawSync(JSON.stringify(state));
  const expiresAt = Math.ceil(now / 1000) + KEPT_DAYS * 86_400;
  const { of, since, version } = before;
  const Item = { ...keyOf(of), block, version: version + 1, since, at: now, expiresAt };
  const condition =
    version === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': version } };
  try {
    await dynamo().send(new PutCommand({ TableName, Item, ...condition }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') throw changed();
    throw error;
  }
};
