import { parseDuration } from './durations.ts';
import { doesRecur } from './occurrence.ts';
import { type Silence, stateOf } from './silence.ts';
import type { SilenceRow } from './silence-row.ts';

/** When people are told that a silence ends. */

/** So long before its end, where nobody says otherwise. */
const USUAL_MS = 15 * 60_000;

/** Of one that is shorter than this nobody is told unless he wishes: who made it has not forgotten it. */
const SHORT_MS = 3_600_000;

/** One that recurs is looked at so often: the times of its window may be others by then. */
const LOOKS_MS = 3_600_000;

const millis = ({ startsAt, endsAt }: Silence): [number, number] => [Date.parse(startsAt), Date.parse(endsAt)];

/** Milliseconds before the end of an occurrence at which people are told of it; 0 where they are not. */
const beforeMs = ({ remindBefore }: SilenceRow, occurrence: Silence): number => {
  if (remindBefore !== undefined) return parseDuration(remindBefore);
  const [start, end] = millis(occurrence);
  return end - start < SHORT_MS ? 0 : USUAL_MS;
};

/** When people are to be told that this occurrence of a silence ends, in ms since the epoch; undefined where they are not, or were. */
export const remindAt = (silence: SilenceRow, occurrence: Silence, now: number): number | undefined => {
  if (silence.reminded === occurrence.endsAt || stateOf(occurrence, now) === 'expired') return undefined;
  const [start, end] = millis(occurrence);
  const before = beforeMs(silence, occurrence);
  return before === 0 ? undefined : Math.max(start, end - before);
};

const lookAtOf = (silence: SilenceRow, occurrence: Silence, now: number): number | undefined => {
  const isNever = silence.remindBefore !== undefined && parseDuration(silence.remindBefore) === 0;
  if (isNever || stateOf(silence, now) === 'expired') return undefined;
  const at = remindAt(silence, occurrence, now);
  return doesRecur(silence) ? Math.min(at ?? Number.POSITIVE_INFINITY, now + LOOKS_MS) : at;
};

/** The silence with when it is next to be looked at, as its occurrence is now. */
export const watched = ({ lookAt: _, ...silence }: SilenceRow, occurrence: Silence, now: number): SilenceRow => {
  const at = lookAtOf(silence, occurrence, now);
  return at === undefined ? silence : { ...silence, lookAt: new Date(at).toISOString() };
};
