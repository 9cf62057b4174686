import * as z from 'zod';
import { Finding, INVARIANTS } from '../domain/invariants/kinds.ts';
import type { Notice } from './notice.ts';

/** What the bus tells of a finding; `more` is how many were found with it that are told by the list alone. */
export const FoundWrong = z.object({ ...Finding.shape, id: z.string(), more: z.number().int().nonnegative() });
type FoundWrong = z.infer<typeof FoundWrong>;

/** What somebody may lose, or pay for twice, by; the rest waits until the morning. */
const CRITICAL: ReadonlySet<string> = new Set(['I2', 'I9', 'I10']);
const CRITICAL_KINDS: ReadonlySet<string> = new Set(['VmLost', 'TableRestored', 'NeedsAttention']);

/** What a person is told of a finding: what is not as it should be, since when, and what to do. */
export const noticeOfFinding = (finding: FoundWrong): Notice => {
  const { id, kind, invariant, subject, place, detail, since, suggestion, more } = finding;
  const facts: [string, string | undefined][] = [
    ['What', detail],
    ['Where', place],
    ['Since', since],
    ['Broken', `${invariant}, ${INVARIANTS[invariant]}`],
  ];
  return {
    id,
    about: subject,
    severity: CRITICAL.has(invariant) || CRITICAL_KINDS.has(kind) ? 'critical' : 'warning',
    title: `Audit: ${kind} ${subject}`,
    facts: facts.filter((fact): fact is [string, string] => fact[1] !== undefined),
    advice: [
      suggestion,
      ...(more > 0 ? [`${more} more were found at the same time.`] : []),
      'All of it: novacron audit. Nothing that has no row is ever deleted without you.',
    ],
    links: [{ label: 'Runbook', url: 'https://novacron.dev/runbook#audit-findings' }],
  };
};
