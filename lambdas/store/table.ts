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

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type IndexName = 'gsi1' | 'gsi2';

/** How rows of one kind lie in the state table. `version` rises by one with every write and is what compare-and-set compares. */
export interface Entity<T extends { readonly version: number }> {
  readonly name: string;
  readonly key: (row: T) => Key;
  readonly indexes?: (row: T) => Partial<Record<IndexName, Key>>;
  /** Epoch seconds after which DynamoDB may delete the row; undefined keeps it. */
  readonly expiresAt?: (row: T) => number | undefined;
}

type Item = Record<string, unknown>;

/** One conditional write; `lost` says what it means that the condition did not hold. */
export interface Write {
  readonly kind: 'put' | 'delete';
  readonly key: Key;
  readonly item?: Item;
  readonly condition?: string;
  readonly values?: Record<string, unknown>;
  readonly lost: () => Fault;
}

const STORED = ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'entity', 'expiresAt'];

const toItem = <T extends { version: number }>(entity: Entity<T>, row: T): Item => {
  const indexes = entity.indexes?.(row) ?? {};
  const keys = Object.entries(indexes).flatMap(([index, key]) => [
    [`${index}pk`, key.pk],
    [`${index}sk`, key.sk],
  ]);
  const expiresAt = entity.expiresAt?.(row);
  return {
    ...JSON.parse(JSON.stringify(row)),
    ...entity.key(row),
    ...Object.fromEntries(keys),
    entity: entity.name,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
};

/** The row without its keys. Rows are written through `toItem` only, so the type is what was stored. */
const toRow = <T>(item: Item): T =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !STORED.includes(name))) as T;

const changed = (): Fault => new Fault('WriteConflict', 'It was changed by another writer at the same moment.');

/** A row that must not be there yet. */
export const putNew = <T extends { version: number }>(entity: Entity<T>, row: T, lost = changed): Write => ({
  kind: 'put',
  key: entity.key(row),
  item: toItem(entity, row),
  condition: 'attribute_not_exists(pk)',
  lost,
});

/** Writes a row whatever was there. */
export const put = <T extends { version: number }>(entity: Entity<T>, row: T): Write => ({
  kind: 'put',
  key: entity.key(row),
  item: toItem(entity, row),
  lost: changed,
});

/** Deletes a row whether it is there or not. */
export const remove = (key: Key): Write => ({ kind: 'delete', key, lost: changed });

/** The next version of a row: as given, one higher. */
export const next = <T extends { version: number }>(row: T): T => ({ ...row, version: row.version + 1 });

/** Replaces `before` by `after` if nobody has written in between; `after.version` must be `before.version + 1`. */
export const swapping = <T extends { version: number }>(entity: Entity<T>, after: T, lost = changed): Write => ({
  kind: 'put',
  key: entity.key(after),
  item: toItem(entity, after),
  condition: 'version = :before',
  values: { ':before': after.version - 1 },
  lost,
});

/** Deletes a row that is still of the given version. */
export const deleting = <T extends { version: number }>(entity: Entity<T>, row: T, lost = changed): Write => ({
  kind: 'delete',
  key: entity.key(row),
  condition: 'version = :before',
  values: { ':before': row.version },
  lost,
});

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
    await dynamo().send(new TransactWriteCommand({ TransactItems: writes.map(itemOf) }));
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
  const { Item } = await dynamo().send(new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true }));
  return Item === undefined ? undefined : toRow<T>(Item);
};

/** Reads some rows of different kinds in one call, strongly consistent, each under its sort key; absent ones are left out. */
export const getAll = async (keys: readonly Key[]): Promise<ReadonlyMap<string, unknown>> => {
  const found = new Map<string, unknown>();
  let Keys: Item[] | undefined = keys.map((key) => ({ ...key }));
  while (Keys && Keys.length > 0) {
    const request = new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } });
    const { Responses, UnprocessedKeys } = await dynamo().send(request);
    for (const item of Responses?.[TableName] ?? []) found.set(String(item.sk), toRow(item));
    Keys = UnprocessedKeys?.[TableName]?.Keys;
  }
  return found;
};

const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'ConditionalCheckFailedException' || error.name === 'TransactionConflictException');

const itemAt = async (key: Key): Promise<Item | undefined> =>
  (await dynamo().send(new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true }))).Item;

/**
 * Makes one write. A condition can also fail because the SDK repeated a write whose answer was lost: the row is then
 * exactly what we meant, and that is success. @throws the write's `lost` Fault
 */
export const save = async (write: Write): Promise<void> => {
  const common = { TableName, ...conditionOf(write) };
  try {
    await (write.item
      ? dynamo().send(new PutCommand({ ...common, Item: write.item }))
      : dynamo().send(new DeleteCommand({ ...common, Key: { ...write.key } })));
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
  const { Items = [], LastEvaluatedKey } = await dynamo().send(
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

/** The position of a row in the table or in an index, to go on after it. */
export const positionOf = <T extends { version: number }>(entity: Entity<T>, row: T, index?: IndexName): Item => {
  const at = index && entity.indexes?.(row)[index];
  return { ...entity.key(row), ...(at ? { [`${index}pk`]: at.pk, [`${index}sk`]: at.sk } : {}) };
};
