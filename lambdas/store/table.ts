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
import { isAway, isHaste, isThrottled } from '../runtime/away.ts';
import { atMost, filled } from '../runtime/chunks.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { changed, type Entity, type IndexName, type Item, type Key, putNewer, toRow, type Write } from './write.ts';

/** The one noun through which the other modules of store/ speak: how rows are written stands in write.ts, how they travel here. */
export type { Entity, IndexName, Key, Write } from './write.ts';
export {
  adding,
  changed,
  deleting,
  holding,
  next,
  positionOf,
  put,
  putNew,
  raising,
  remove,
  swapping,
  writing,
} from './write.ts';

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

const slower = (cause: unknown): Fault => new Fault('Throttled', 'The state table asks us to slow down.', { cause });

/** Names what a caller may simply try again. @throws Throttled, ProviderUnreachable, or the SDK's own error */
const named = async <T>(asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isThrottled(error)) throw slower(error);
    if (isAway(error)) throw new Fault('ProviderUnreachable', 'The state table does not answer.', { cause: error });
    throw error;
  }
};

const conditionOf = ({ condition, values }: Write) => ({
  ...(condition ? { ConditionExpression: condition } : {}),
  ...(values ? { ExpressionAttributeValues: values } : {}),
});

/** `SET` and `ADD` with their values; no field of ours that is counted is a reserved word. */
const updateOf = ({ key, sets = {}, adds = {}, condition, values }: Write) => {
  const given = { ...sets, ...adds };
  const part = (verb: string, fields: object, by: string) => {
    const all = Object.keys(fields).map((field) => `${field}${by}:${field}`);
    return all.length === 0 ? [] : [`${verb} ${all.join(', ')}`];
  };
  return {
    TableName,
    Key: { ...key },
    UpdateExpression: [...part('SET', sets, ' = '), ...part('ADD', adds, ' ')].join(' '),
    ...(condition ? { ConditionExpression: condition } : {}),
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(given).map(([field, value]) => [`:${field}`, value])),
      ...values,
    },
  };
};

const itemOf = (write: Write) => {
  if (write.kind === 'update') return { Update: updateOf(write) };
  const common = { TableName, ...conditionOf(write) };
  const at = { ...common, Key: { ...write.key } };
  // Only `holding` makes one, and never without its condition.
  if (write.kind === 'check') return { ConditionCheck: { ...at, ConditionExpression: write.condition } };
  return write.kind === 'put' ? { Put: { ...common, Item: write.item } } : { Delete: at };
};

/** @returns why it was cancelled, undefined where all is written */
const attempt = async (writes: readonly Write[]): Promise<TransactionCanceledException | undefined> => {
  try {
    await named(dynamo().send(new TransactWriteCommand({ TransactItems: writes.map(itemOf) })));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return error;
    throw error;
  }
};

/** What a cancellation means to these writes of it; undefined where it was not for them. */
const refusalOf = (writes: readonly Write[], codes: readonly (string | undefined)[], cause: Error) => {
  const lost = writes.find((_, index) => codes[index] === 'ConditionalCheckFailed');
  if (lost) return lost.lost();
  if (codes.includes('TransactionConflict')) return changed();
  return codes.some(isHaste) ? slower(cause) : undefined;
};

const codesOf = ({ CancellationReasons = [] }: TransactionCanceledException) =>
  CancellationReasons.map(({ Code }) => Code);

/**
 * Makes all writes or none. The SDK's request token makes its own repeats harmless.
 * @throws the `lost` Fault of the first write whose condition failed; WriteConflict where another transaction was at the same rows
 */
export const transact = async (writes: readonly Write[]): Promise<void> => {
  const cancelled = await attempt(writes);
  if (cancelled) throw refusalOf(writes, codesOf(cancelled), cancelled) ?? cancelled;
};

/** Transactions under way at once, where there are many. */
const AT_ONCE = 4;

/** Writes of which all are made or none. */
export type Group = readonly Write[];

/** A transaction takes no more writes ("TransactWriteItems", DynamoDB API reference). */
const MOST_WRITES = 100;

/** What is written once for all groups of one call; it is never refused. */
export type Beside = (groups: readonly Group[]) => readonly Write[];

/** Those of these groups, written in one call, that were not, and why. */
const together = async (groups: readonly Group[], beside: Beside): Promise<ReadonlyMap<Group, Fault>> => {
  const cancelled = await attempt([...groups.flat(), ...beside(groups)]);
  if (cancelled === undefined) return new Map();
  const codes = codesOf(cancelled);
  const refused = new Map<Group, Fault>();
  let begin = 0;
  for (const group of groups) {
    const fault = refusalOf(group, codes.slice(begin, begin + group.length), cancelled);
    if (fault) refused.set(group, fault);
    begin += group.length;
  }
  if (refused.size === 0) throw cancelled;
  const others = groups.filter((group) => !refused.has(group));
  // Each time there are fewer of them.
  return others.length === 0 ? refused : new Map([...refused, ...(await together(others, beside))]);
};

const NOTHING_BESIDE: Beside = () => [];

/** Groups as calls take them, with room for what is written beside them. */
const callsOf = (groups: readonly Group[], beside: Beside, room: number): Group[][] => {
  const most = MOST_WRITES - beside(groups).length - room;
  return filled(groups, most, most, ({ length }) => length);
};

const made = async (calls: readonly (readonly Group[])[], beside: Beside): Promise<ReadonlyMap<Group, Fault>> => {
  const refused = new Map<Group, Fault>();
  await atMost(AT_ONCE, calls, async (call) => {
    try {
      for (const [group, fault] of await together(call, beside)) refused.set(group, fault);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      for (const group of call) refused.set(group, error);
    }
  });
  return refused;
};

/**
 * Makes groups of writes that have no row in common, as many in one transaction as it takes. One that is refused keeps no other
 * from being made; the rows `beside` tell of those of their call. @returns those that were refused, each with what `transact` would throw
 */
export const transactEach = (
  groups: readonly Group[],
  beside: Beside = NOTHING_BESIDE,
): Promise<ReadonlyMap<Group, Fault>> => made(callsOf(groups, beside, 0), beside);

/** Whether all of it is written, in one call. @throws the `lost` Fault of `last` */
const isMadeWith = async (call: readonly Group[], beside: Beside, last: Write): Promise<boolean> => {
  let cancelled: TransactionCanceledException | undefined;
  try {
    cancelled = await attempt([...call.flat(), ...beside(call), last]);
  } catch (error) {
    // It may be written: who writes the groups again finds them there.
    if (error instanceof Fault) return false;
    throw error;
  }
  if (cancelled && codesOf(cancelled).at(-1) === 'ConditionalCheckFailed') throw last.lost();
  return cancelled === undefined;
};

/** What came of many groups. */
export interface Made {
  readonly refused: ReadonlyMap<Group, Fault>;
  /** Whether what was to be written last is: only where none was refused. */
  readonly isLastWritten: boolean;
}

/**
 * The same of groups, at least one, with what is written in the last of their calls, once the others are made: where any group is
 * refused it is left out. @throws the `lost` Fault of `last`, and then the groups of that call are not made
 */
export const transactEachThen = async (groups: readonly Group[], beside: Beside, last: Write): Promise<Made> => {
  const calls = callsOf(groups, beside, 1);
  const [before, tail] = [calls.slice(0, -1), calls.slice(-1)];
  const refused = await made(before, beside);
  if (refused.size === 0 && (await isMadeWith(tail.flat(), beside, last))) return { refused, isLastWritten: true };
  return { refused: new Map([...refused, ...(await made(tail, beside))]), isLastWritten: false };
};

/** Reads one row, strongly consistent. */
export const get = async <T>(key: Key): Promise<T | undefined> => {
  const { Item } = await named(dynamo().send(new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true })));
  return Item === undefined ? undefined : toRow<T>(Item);
};

/** BatchGetItem takes no more keys at once (DynamoDB API reference). */
const MOST_KEYS = 100;

const itemsAt = async (keys: readonly Key[]): Promise<Item[]> => {
  const found: Item[] = [];
  let left: Item[] = keys.map((key) => ({ ...key }));
  while (left.length > 0) {
    const Keys = left.slice(0, MOST_KEYS);
    const request = new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } });
    const { Responses, UnprocessedKeys } = await named(dynamo().send(request));
    found.push(...(Responses?.[TableName] ?? []));
    left = [...(UnprocessedKeys?.[TableName]?.Keys ?? []), ...left.slice(MOST_KEYS)];
  }
  return found;
};

/** Reads some rows of different kinds in one call, strongly consistent, each under its sort key; absent ones are left out. */
export const getAll = async (keys: readonly Key[]): Promise<ReadonlyMap<string, unknown>> =>
  new Map((await itemsAt(keys)).map((item) => [String(item.sk), toRow(item)]));

/** Reads rows of different kinds, strongly consistent, a hundred a call. @returns the one of a key, where there is one */
export const getByKey = async (keys: readonly Key[]): Promise<(key: Key) => unknown> => {
  const found = new Map((await itemsAt(keys)).map((item) => [`${item.pk}\n${item.sk}`, toRow(item)]));
  return ({ pk, sk }) => found.get(`${pk}\n${sk}`);
};

/** Reads rows of one kind, strongly consistent, a hundred a call and in no order; absent ones are left out. */
export const getEach = async <T>(keys: readonly Key[]): Promise<T[]> =>
  (await itemsAt(keys)).map((item) => toRow<T>(item));

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

/** Makes these writes, several in one transaction; none is no call. @throws as save and transact */
export const saveAll = async (writes: readonly Write[]): Promise<void> => {
  const [first, ...more] = writes;
  if (first !== undefined) await (more.length === 0 ? save(first) : transact(writes));
};

/** Writes a row unless one of its own or of a higher version is there; that is no fault: the later word stays. */
export const saveNewer = async <T extends { version: number }>(entity: Entity<T>, row: T): Promise<void> => {
  const write = putNewer(entity, row);
  try {
    await named(dynamo().send(new PutCommand({ TableName, ...conditionOf(write), Item: write.item })));
  } catch (error) {
    if (!isLost(error)) throw error;
  }
};

export interface Range {
  readonly index?: IndexName;
  readonly pk: string;
  /** Beginning of the sort key. */
  readonly prefix?: string;
  /** The last sort key, where there is no prefix. */
  readonly until?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
  /** Of the table alone: indexes lag behind. */
  readonly consistent?: true;
  /** Where to go on: the key that the page before ended with. */
  readonly after?: Item;
}

export interface Slice<T> {
  readonly rows: readonly T[];
  readonly last?: Item;
}

/** Which sort keys of a partition are meant. */
const boundOf = ({ prefix, until }: Range): { readonly says: string; readonly values: Item } => {
  if (prefix !== undefined) return { says: ' AND begins_with(#s, :s)', values: { ':s': prefix } };
  return until === undefined ? { says: '', values: {} } : { says: ' AND #s <= :to', values: { ':to': until } };
};

/** One page of a partition as it lies there. */
const pageAt = async (range: Range): Promise<{ readonly items: readonly Item[]; readonly last: Item | undefined }> => {
  const { index, pk, limit = 100, newestFirst, after, consistent } = range;
  const [partition, sort] = index ? [`${index}pk`, `${index}sk`] : ['pk', 'sk'];
  const { says, values } = boundOf(range);
  const { Items = [], LastEvaluatedKey } = await named(
    dynamo().send(
      new QueryCommand({
        TableName,
        IndexName: index,
        KeyConditionExpression: `#p = :p${says}`,
        ExpressionAttributeNames: { '#p': partition, ...(says ? { '#s': sort } : {}) },
        ExpressionAttributeValues: { ':p': pk, ...values },
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ExclusiveStartKey: after,
        ConsistentRead: consistent,
      }),
    ),
  );
  return { items: Items, last: LastEvaluatedKey };
};

/** One page of a partition, at most `limit` rows (100) or 1 MB. */
export const query = async <T>(range: Range): Promise<Slice<T>> => {
  const { items, last } = await pageAt(range);
  return { rows: items.map((item) => toRow<T>(item)), ...(last ? { last } : {}) };
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

/** A row with the name of its entity. */
export interface Named {
  readonly entity: string;
  readonly row: unknown;
}

/** Every row of a partition in which several kinds lie. */
export async function* eachNamed(range: Range): AsyncGenerator<Named> {
  let after: Item | undefined;
  do {
    const { items, last } = await pageAt({ ...range, ...(after ? { after } : {}) });
    yield* items.map((item) => ({ entity: String(item.entity), row: toRow(item) }));
    after = last;
  } while (after);
}
