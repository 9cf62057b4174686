import type { AuditEntry } from '../domain/audit-entry.ts';
import { newId } from '../domain/ids.ts';
import * as table from './table.ts';
import { type Item, toRow } from './write.ts';

/** Long enough for a consumer that was down over a long week-end; DynamoDB's own stream keeps 24 hours. */
const OUTBOX_DAYS = 7;

/** Entries that stand in one row, since a transaction takes a hundred writes, however large they are. */
interface Sheet extends Pick<AuditEntry, 'id' | 'at' | 'version'> {
  readonly entries: readonly AuditEntry[];
}

type Row = AuditEntry | Sheet;

const entity: table.Entity<Row> = {
  name: 'audit',
  key: ({ id }) => ({ pk: `audit#${id}`, sk: 'audit' }),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + OUTBOX_DAYS * 86_400,
};

/** An entry before it is written. */
export type Untold = Omit<AuditEntry, 'id' | 'version'>;

const entryOf = (entry: Untold): AuditEntry => ({ ...entry, id: newId('aud', Date.parse(entry.at)), version: 1 });

/** The entry as a write, to stand in the transaction of what it tells. */
export const writing = (entry: Untold): table.Write => table.putNew(entity, entryOf(entry));

/** Entries of one moment as one write, to stand in the transaction of all that they tell. */
export const writingTogether = (entries: readonly Untold[]): table.Write[] => {
  const [first, ...more] = entries;
  if (first === undefined) return [];
  if (more.length === 0) return [writing(first)];
  const { id, at, version } = entryOf(first);
  return [table.putNew(entity, { id, at, version, entries: entries.map(entryOf) })];
};

/** The entries of a row. Rows are written here only, so what is in them is what was stored. */
export const entriesIn = (item: Item): readonly AuditEntry[] => {
  const row = toRow<Row>(item);
  return 'entries' in row ? row.entries : [row];
};

/** The entry alone, for refusals and for changes that have no transaction of their own. */
export const append = (entry: Untold): Promise<void> => table.save(writing(entry));
