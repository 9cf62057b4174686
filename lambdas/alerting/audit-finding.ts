import * as z from 'zod';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { FoundWrong, noticeOfFinding } from './finding-notice.ts';
import { tellOf } from './tell-of.ts';

/** "Audit Finding" of bus `novacron`. */
const Told = z.object({ detail: FoundWrong });

/** Tells people of what an audit found for the first time: it is the installation's own matter, whichever project it is about. */
export const handler = (event: unknown): Promise<void> => {
  const found = Told.parse(event).detail;
  const { kind, invariant, subject, since } = found;
  const labels = { alertname: 'AuditFinding', kind, invariant, subject };
  return tellOf(noticeOfFinding(found), { project: DEFAULT_PROJECT, labels, at: since ?? new Date().toISOString() });
};
