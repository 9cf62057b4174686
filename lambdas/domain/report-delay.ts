import type { Beat } from './host.ts';
import type { Report } from './report.ts';

/**
 * How long a report was on its way. Its age is told by its host's clock alone, as long as it waits there; but a network that
 * is cut keeps what was sent, and hands it over when it is whole again. Our clock and the host's differ by as much as they
 * may; what a report took longer than those before it, it waited.
 */

/** So many reports tell what is usual: after a clock was set back, as many come that seem to have waited. */
const KEPT = 5;

/** Longer than this no request waits: its unit gave it up after 15 s, and the kernel soon after. A clock has leapt. */
const LONGEST_MS = 300_000;

type Sent = Pick<Report, 'sentAt'>;

const delayOf = ({ sentAt }: Sent, at: string): number => Date.parse(at) - Date.parse(sentAt);

/** Milliseconds that a report waited on its way, beyond what reports of its host take; 0 where nothing is known of them. */
export const waitedMs = (last: Beat | undefined, report: Sent, at: string): number => {
  const waited = delayOf(report, at) - Math.min(...(last?.delaysMs ?? []));
  return waited > 0 && waited <= LONGEST_MS ? waited : 0;
};

/** What the last reports of a host took, this one with them. */
export const delaysAfter = (last: Beat | undefined, report: Sent, at: string): readonly number[] =>
  [...(last?.delaysMs ?? []), delayOf(report, at)].slice(-KEPT);
