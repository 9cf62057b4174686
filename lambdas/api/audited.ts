import type { AuditEntry } from '../domain/audit-entry.ts';
import * as audit from '../store/audit.ts';
import * as keys from '../store/keys.ts';
import type * as table from '../store/table.ts';
import type { Call } from './route.ts';

/**
 * What stands in the same transaction as a change that is done with its request: its audit row, and that its
 * Idempotency-Key is used.
 */
export const audited = (
  call: Call,
  change: Pick<AuditEntry, 'subject' | 'before' | 'after' | 'project'>,
): readonly table.Write[] => {
  const { at, action, by, from, requestId } = call;
  const told = { at, project: by.project, action, by: by.id, role: by.role, from, requestId, outcome: 'done' };
  return [audit.writing({ ...told, ...change }), ...keys.remembering(call, change.subject ?? action)];
};
