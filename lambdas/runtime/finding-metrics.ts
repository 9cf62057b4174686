import type { AuditRun } from '../domain/collection.ts';
import { measure } from './powertools.ts';

/** Counts what an audit found: by invariant for the dashboard, and in one figure for the alarm. */
export const countFindings = ({ total, counts }: AuditRun): void => {
  measure({ AuditFindings: total });
  for (const [invariant, count] of Object.entries(counts)) measure({ Findings: count }, { invariant });
};
