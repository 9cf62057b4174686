import { getAuditKey } from './get-audit-key.ts';
import { listAudit } from './list-audit.ts';
import { listAuditHeads } from './list-audit-heads.ts';
import type { Route } from './route.ts';

/** What reads the audit log, which no other function may. */
export const AUDIT: readonly Route[] = [listAudit, listAuditHeads, getAuditKey];
