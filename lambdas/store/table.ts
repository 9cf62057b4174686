import { isDeepStrictEqual } from 'node:util';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { Fault } from '../domain/faults.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { changed, type IndexName, type Item, type Key, toRow, type Write } from './write.ts';

/** The one noun through which the other modules of store/ speak: how rows are written stands in write.ts, how they travel here. */
export type { Entity, IndexName, Key, Write } from './write.ts';
export { deleting, next, positionOf, put, putNew, remove, swapping } from './write.ts';

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

/** DynamoDB's ways to say "not now"; the SDK has tried three times before. */
const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

const isAway = (error: Error): boolean =>
  ('$fault' in error && error.$fault === 'server') || error.name === 'TimeoutError' || 'code' in error;

/** Names what a caller may simply try again. @throws Throttled, ProviderUnreachable, or the SDK's own error */
const named = async <T>(asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (THROTTLED.has(error.name))
      throw new Fault('Throttled', 'The state table asks us to slow down.', { cause: error });
    if (isAway(error)) throw new Fault('ProviderUnreachable', 'The state table does not answer.', { cause: error });
    throw error;
  }
};

const conditionOf = ({ condition, values }: Write) => ({
  ...(condition ? { ConditionExpression: condition } : {}),
  ...(values ? { ExpressionAttributeValues: values } : {}),
});

const itemOf = (write: Write) => {
  const common = { TableName, ...conditionOf(write) };
  return write.kind === 'put'
    ? { Put: { ...common, Item: write.item } }
    : { Delete: { ...common, Key: { ...write.key } } };
};

/**
 * Makes all writes or none. The SDK's request token makes its own repeats harmless.
 * @throws the `lost` Fault of the first write whose condition failed; WriteConflict where another transaction was at the same rows
 */
export const transact = async (writes: readonly Write[]): Promise<void> => {
  try {
    await named(dynamo().send(new TransactWriteCommand({ TransactItems: writes.map(itemOf) })));
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    const lost = writes.find((_, index) => reasons[index]?.Code === 'ConditionalCheckFailed');
    if (lost) throw lost.lost();
    if (reasons.some(({ Code }) => Code === 'TransactionConflict')) throw changed();
    throw error;
  }
};

/** Reads one row, strongly consistent. */
export const get = async <T>(key: Key): Promise<T | undefined> => {
  const { Item } = await named(dynamo().send(new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true })));
  return Item === undefined ? undefined : toRow<T>(Item);
};

/** Reads some rows of different kinds in one call, strongly consistent, each under its sort key; absent ones are left out. */
export const getAll = async (keys: readonly Key[]): Promise<ReadonlyMap<string, unknown>> => {
  const found = new Map<string, unknown>();
  let Keys: Item[] | undefined = keys.map((key) => ({ ...key }));
  while (Keys && Keys.length > 0) {
    const request = new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } });
    const { Responses, UnprocessedKeys } = await named(dynamo().send(request));
    for (const item of Responses?.[TableName] ?? []) found.set(String(item.sk), toRow(item));
    Keys = UnprocessedKeys?.[TableName]?.Keys;
  }
  return found;
};

const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'ConditionalCheckFailedException' || error.name === 'TransactionConflictException');

const itemAt = async (key: Key): Promise<Item | undefined> =>
  (await named(dynamo().send(new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true })))).Item;

/**
 * Makes one write. A condition can also fail because the SDK repeated a write whose answer was lost: the row is then
 * exactly what we meant, and that is success. @throws the write's `lost` Fault
 */
export const save = async (write: Write): Promise<void> => {
  const common = { TableName, ...conditionOf(write) };
  try {
    await named(
      write.item
        ? dynamo().send(new PutCommand({ ...common, Item: write.item }))
        : dynamo().send(new DeleteCommand({ ...common, Key: { ...write.key } })),
    );
  } catch (error) {
    if (!isLost(error)) throw error;
    if (!isDeepStrictEqual(await itemAt(write.key), write.item)) throw write.lost();
  }
};

export interface Range {
  readonly index?: IndexName;
  readonly pk: string;
  /** Beginning of the sort key. */
  readonly prefix?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
  /** Where to go on: the key that the page before ended with. */
  readonly after?: Item;
}

export interface Slice<T> {
  readonly rows: readonly T[];
  readonly last?: Item;
}

/** One page of a partition, at most `limit` rows (100) or 1 MB. */
export const query = async <T>({ index, pk, prefix, limit = 100, newestFirst, after }: Range): Promise<Slice<T>> => {
  const [partition, sort] = index ? [`${index}pk`, `${index}sk`] : ['pk', 'sk'];
  const { Items = [], LastEvaluatedKey } = await named(
    dynamo().send(
      new QueryCommand({
        TableName,
        IndexName: index,
        KeyConditionExpression: prefix === undefined ? '#p = :p' : '#p = :p AND begins_with(#s, :s)',
        ExpressionAttributeNames: { '#p': partition, ...(prefix === undefined ? {} : { '#s': sort }) },
        ExpressionAttributeValues: { ':p': pk, ...(prefix === undefined ? {} : { ':s': prefix }) },
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ExclusiveStartKey: after,
      }),
    ),
  );
  return { rows: Items.map((item) => toRow<T>(item)), ...(LastEvaluatedKey ? { last: LastEvaluatedKey } : {}) };
};

/** Every row of a partition, page by page as the caller takes them. */
export async function* each<T>(range: Range): AsyncGenerator<T> {
  let after = range.after;
  do {
    const slice: Slice<T> = await query<T>({ ...range, ...(after ? { after } : {}) });
    yield* slice.rows;
    after = slice.last;
  } while (after);
}
