import * as z from 'zod';
import { Instant, newId } from '../domain/ids.ts';
import * as table from './table.ts';

/** What was asked for, by whom, from where, and what came of it: an outbox row, carried to the audit table by the stream's consumer. */
export const AuditEntry = z.strictObject({
  id: z.string(),
  at: Instant,
  /** `create-vm`, `revoke-token` …: the route's word, or the operation's kind where its end is told. */
  action: z.string(),
  by: z.string(),
  role: z.string().optional(),
  /** Source address of the request. */
  from: z.string().optional(),
  requestId: z.string().optional(),
  /** The id of what was acted on. */
  subject: z.string().optional(),
  operationId: z.string().optional(),
  /** `accepted`, `done`, `refused`, then `succeeded`, `failed`, `cancelled` … of the operation. */
  outcome: z.string(),
  /** Fault name and detail of a refusal or failure. */
  reason: z.string().optional(),
  before: z.record(z.string(), z.unknown()).optional(),
  after: z.record(z.string(), z.unknown()).optional(),
  version: z.number().int().positive(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

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
