import type { Opening, WindowTimes } from '../window-times.ts';
import { type Silence, stateOf } from './silence.ts';
import type { SilenceRow, SilenceTimes } from './silence-row.ts';

/** When silences that recur hold. */

/** The end of one that recurs until somebody ends it. */
export const FOREVER = '9999-12-31T23:59:59.999Z';

/** Whether a silence comes again and again. */
export const doesRecur = ({ window, times }: Pick<SilenceRow, 'window' | 'times'>): boolean =>
  window !== undefined || times !== undefined;

/** Times of its own as those of a window, which has a name. */
export const timesOfItsOwn = (times: SilenceTimes): WindowTimes => ({
  ...times,
  name: 'times of its own',
  holidays: () => undefined,
});

const instant = (at: number): string => new Date(at).toISOString();

/** Instants are of one length, so that they sort as texts. */
const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);

/**
 * A silence as it holds at a moment, or will next: itself where it does not recur or is over. `openingAt` tells the opening of
 * its times in which a moment lies, else the next. One of which nothing is to come (its window is gone, or never opens again) is
 * over for as long as that is so.
 */
export const occurrenceOf = (
  silence: SilenceRow,
  openingAt: (at: number) => Opening | undefined,
  at: number,
): Silence => {
  if (!doesRecur(silence) || stateOf(silence, at) === 'expired') return silence;
  const { startsAt, endsAt, skippedUntil = startsAt } = silence;
  const first = later(startsAt, skippedUntil);
  const opening = openingAt(Math.max(at, Date.parse(first)));
  const from = opening ? later(instant(opening.from), first) : endsAt;
  if (opening === undefined || from >= endsAt) return { ...silence, endsAt: startsAt };
  return { ...silence, startsAt: from, endsAt: earlier(instant(opening.until), endsAt) };
};
