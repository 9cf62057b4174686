import { dayAfter, dayAt, instantOf } from './civil-time.ts';
import type { LastRun, RunNoted, Schedule } from './schedule.ts';

/** What people are told once a day of a schedule that is asked to: what it did, what that saved, what comes. */

/** Runs that are kept for the next digest, and VMs of one that are named. */
const MOST_RUNS = 20;
const NAMED = 5;

/** When the next digest is due, after the last; nothing where none is asked for. */
export const digestDue = ({ digest = 'off', digestedAt, ranThrough, timeZone }: Schedule): number | undefined => {
  if (digest === 'off') return undefined;
  const last = Date.parse(digestedAt ?? ranThrough);
  const today = dayAt(timeZone, last);
  const at = instantOf(timeZone, today.date, digest, 'earlier');
  return at > last ? at : instantOf(timeZone, dayAfter(today, 1).date, digest, 'earlier');
};

const noted = ({ plannedAt, want, because, vms, begun, skipped, owed, late = [] }: LastRun): RunNoted => ({
  plannedAt,
  want,
  because,
  vms,
  begun,
  skipped,
  owed: owed.length,
  late: late.length,
  named: late.slice(0, NAMED).map(({ vmName, cause }) => `${vmName} (${cause.slice(0, 120)})`),
});

/** The runs since the last digest with this one, as it is known now. Kept where a digest is asked for, and nowhere else. */
export const withRun = ({ digest = 'off', sinceDigest = [] }: Schedule, run: LastRun | undefined): RunNoted[] => {
  if (digest === 'off' || run === undefined) return digest === 'off' ? [] : sinceDigest;
  return [...sinceDigest.filter(({ plannedAt }) => plannedAt !== run.plannedAt), noted(run)].slice(-MOST_RUNS);
};
