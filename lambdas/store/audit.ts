import type { AuditEntry } from '../domain/audit-entry.ts';
import { newId } from '../domain/ids.ts';
import * as table from './table.ts';

/** Long enough for a consumer that was down over a long week-end; DynamoDB's own stream keeps 24 hours. */
const OUTBOX_DAYS = 7;

const entity: table.Entity<AuditEntry> = {
  name: 'audit',
  key: ({ id }) => ({ pk: `audit#${id}`, sk: 'audit' }),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + OUTBOX_DAYS * 86_400,
};

/** The entry as a write, to stand in the transaction of what it tells. */
export const writing = (entry: Omit<AuditEntry, 'id' | 'version'>): table.Write => {
  const row: AuditEntry = { ...entry, id: newId('aud', Date.parse(entry.at)), version: 1 };
  return table.putNew(entity, row);
};

/** The entry alone, for refusals and for changes that have no transaction of their own. */
export const append = (entry: Omit<AuditEntry, 'id' | 'version'>): Promise<void> => table.save(writing(entry));
