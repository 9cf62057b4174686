import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEntry } from '../domain/audit-entry.ts';
import { type ChainedEntry, chained, GENESIS, type Standing } from '../domain/chain.ts';
import { Fault } from '../domain/faults.ts';
import { projectOf } from '../domain/project.ts';
import { isHaste } from '../runtime/away.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { type Item, type Key, toRow } from './write.ts';

const { AUDIT_TABLE: TableName } = env({ AUDIT_TABLE: text });

/** Each entry is two items of a transaction, which takes a hundred (DynamoDB API reference). */
const AT_ONCE = 50;

/** Other writers of the same chain are few: as many as the stream has shards. */
const TRIES = 25;
const LONGEST_PAUSE_MS = 100;

/** Longer than a record may lie in the stream (1 day) and behind it in the dead letters (14 days). */
const MARKED_DAYS = 30;

const DIGITS = 12;

const keyOf = (project: string, seq: number): Key => ({
  pk: `chain#${project}`,
  sk: String(seq).padStart(DIGITS, '0'),
});

/** An entry with the key that it lies under, which is not to be read from the entry itself. */
export interface Lying {
  readonly key: Key;
  readonly entry: ChainedEntry;
}

// Only `append` writes here; what somebody else has changed is the check's to find.
const lyingOf = (item: Item): Lying => ({
  key: { pk: String(item.pk), sk: String(item.sk) },
  entry: toRow<ChainedEntry>(item),
});

interface Range {
  readonly limit?: number;
  readonly oldestFirst?: boolean;
  /** The key to go on after. */
  readonly after?: Item;
}

/** One page of a project's chain, strongly consistent. */
export const page = async (
  project: string,
  { limit = 100, oldestFirst = false, after }: Range,
): Promise<{ rows: readonly Lying[]; last?: Item }> => {
  const { Items = [], LastEvaluatedKey } = await dynamo().send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#p = :p',
      ExpressionAttributeNames: { '#p': 'pk' },
      ExpressionAttributeValues: { ':p': keyOf(project, 0).pk },
      ScanIndexForward: oldestFirst,
      Limit: limit,
      ExclusiveStartKey: after,
      ConsistentRead: true,
    }),
  );
  return { rows: Items.map(lyingOf), ...(LastEvaluatedKey ? { last: LastEvaluatedKey } : {}) };
};

/** The newest entry of a chain; undefined where there is none yet. */
export const newest = async (project: string): Promise<ChainedEntry | undefined> =>
  (await page(project, { limit: 1 })).rows[0]?.entry;

/** Every entry from `seq` on, oldest first, page by page as the caller takes them. */
export async function* from(project: string, seq: number): AsyncGenerator<ChainedEntry> {
  let after: Item | undefined = { ...keyOf(project, seq - 1) };
  do {
    const { rows, last }: Awaited<ReturnType<typeof page>> = await page(project, {
      limit: 1_000,
      oldestFirst: true,
      after,
    });
    yield* rows.map(({ entry }) => entry);
    after = last;
  } while (after);
}

/** Two rows that must be new: the entry at its number, and that this entry is told. They are put, and nothing is ever changed. */
const putsOf = (entry: ChainedEntry) => {
  const mark = {
    pk: `told#${entry.id}`,
    sk: 'told',
    seq: entry.seq,
    expiresAt: Math.floor(Date.now() / 1000) + MARKED_DAYS * 86_400,
  };
  return [{ ...entry, ...keyOf(entry.project, entry.seq) }, mark].map((item) => ({
    Put: { TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  }));
};

/** Appends the links; answers the entries that are told already, of which one keeps all from being written. */
const put = async (links: readonly ChainedEntry[]): Promise<readonly string[] | 'written'> => {
  try {
    await dynamo().send(new TransactWriteCommand({ TransactItems: links.flatMap(putsOf) }));
    return 'written';
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    if (codes.some(isHaste)) throw new Fault('Throttled', 'The audit table asks us to slow down.', { cause: error });
    if (!codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')) throw error;
    return links.filter((_, index) => codes[2 * index + 1] === 'ConditionalCheckFailed').map(({ id }) => id);
  }
};

/** Another writer may take the number first, or have told an entry: then it is read again and tried again. */
const extend = async (project: string, entries: readonly AuditEntry[]): Promise<void> => {
  let left = entries;
  for (let tried = 0; left.length > 0; tried += 1) {
    if (tried === TRIES)
      throw new Fault('WriteConflict', `The audit chain of ${project} is too busy: ${left.length} entries wait.`);
    if (tried > 0) await sleep(Math.random() * LONGEST_PAUSE_MS);
    const last: Standing = (await newest(project)) ?? GENESIS;
    const told = await put(chained(last, left));
    if (told === 'written') return;
    left = left.filter(({ id }) => !told.includes(id));
  }
};

/** Appends entries to the chains of their projects, in their order, each once however often it comes. */
export const append = async (entries: readonly AuditEntry[]): Promise<void> => {
  const once = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
  for (const [project, own] of Map.groupBy(once, projectOf)) {
    for (let from = 0; from < own.length; from += AT_ONCE) await extend(project, own.slice(from, from + AT_ONCE));
  }
};
