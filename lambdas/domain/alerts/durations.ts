import * as z from 'zod';

/** Durations as Prometheus writes them: `1h30m`. A day has 24 hours, a week 7 days, a year 365. */
const UNITS = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** The longest that Go counts in nanoseconds, in whole milliseconds: about 292 years. */
const LONGEST_MS = 9_223_372_036_854;

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds of a duration; `0` needs no unit. @throws Error saying what it is not */
export const parseDuration = (text: string): number => {
  if (text === '0') return 0;
  if (text === '') throw new Error('empty duration string');
  const counts = DURATION.exec(text)?.slice(1);
  if (counts === undefined) throw new Error(`not a valid duration string: ${JSON.stringify(text)}`);
  const sum = UNITS.reduce((so, [, ms], index) => so + Number(counts[index] ?? 0) * ms, 0);
  if (sum > LONGEST_MS) throw new Error('duration out of range');
  return sum;
};

const msOf = (text: string): number => {
  try {
    return parseDuration(text);
  } catch {
    return Number.NaN;
  }
};

/** A duration as Prometheus writes it, within bounds in words that say them. */
export const Duration = (words: string, isWithin: (ms: number) => boolean) =>
  z
    .string()
    .max(32)
    .regex(/^(?:0|(?:[0-9]{1,9}(?:ms|[smhdwy]))+)$/, 'a duration is written as 90s, 10m or 1h30m')
    .refine((text) => isWithin(msOf(text)), { error: `a duration ${words}`, abort: true });

/** Years and weeks only where nothing is left over: `90d` is easier to read than `12w6d`. */
const WHOLE_ONLY = new Set(['y', 'w']);

/** The text of so many milliseconds. */
export const durationText = (ms: number): string => {
  let left = ms;
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = WHOLE_ONLY.has(unit) && left % length !== 0 ? 0 : Math.floor(left / length);
    if (count > 0) text += `${count}${unit}`;
    left -= count * length;
  }
  return text || '0s';
};
