import type { AuditEntry } from '../store/audit.ts';
import * as audit from '../store/audit.ts';
import type * as table from '../store/table.ts';
import type { Call } from './route.ts';

/** The audit row of a change that is done with its request, to stand in the same transaction. */
export const audited = (
  { at, action, by, from, requestId }: Call,
  change: Pick<AuditEntry, 'subject' | 'before' | 'after'>,
): table.Write => audit.writing({ at, action, by: by.id, role: by.role, from, requestId, outcome: 'done', ...change });
