import * as z from 'zod';
import { Instant } from './ids.ts';

/** What was asked for, by whom, from where, and what came of it: an outbox row, carried to the chain by the stream's consumer. */
export const AuditEntry = z.strictObject({
  id: z.string(),
  at: Instant,
  /** The project whose matter it is; an entry of before there were projects has none, and is of `default`. */
  project: z.string().optional(),
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
