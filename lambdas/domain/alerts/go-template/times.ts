import { Misuse } from './error.ts';
import { withoutZeros } from './floats.ts';

/** Moments and durations as Go's package time prints them: all in UTC. */

const NS = 1_000_000_000n;

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export const monthName = (month: bigint): string => MONTHS[Number(month) - 1] ?? `%!Month(${month})`;
export const weekdayName = (day: bigint): string => DAYS[Number(day)] ?? `%!Weekday(${day})`;

/** The whole number below, also of negative ones. */
const floorDiv = (a: bigint, b: bigint): bigint => (a % b < 0n ? a / b - 1n : a / b);

/** @throws Misuse beyond what a calendar of JavaScript has */
const dateOf = (ns: bigint): Date => {
  const date = new Date(Number(floorDiv(ns, 1_000_000n)));
  if (Number.isNaN(date.getTime())) throw new Misuse('the year is out of range');
  return date;
};

/** A moment on the wall. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly weekday: number;
  readonly yearDay: number;
}

export const civilOf = (ns: bigint): Civil => {
  const date = dateOf(ns);
  const year = date.getUTCFullYear();
  // Date.UTC takes years below 100 for others.
  const start = new Date(0);
  start.setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(ns - floorDiv(ns, NS) * NS),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
  };
};

const two = (value: number): string => String(value).padStart(2, '0');

const yearText = (year: number): string =>
  year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');

/** Of `.000` all digits, of `.999` those that are not zeros at the end. */
const fraction = (layout: string, { nanosecond }: Civil): string => {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, layout.length - 1)
    .padEnd(layout.length - 1, '0');
  if (layout[1] === '0') return layout[0] + digits;
  const kept = withoutZeros(digits);
  return kept === '' ? '' : `${layout[0]}${kept}`;
};

/** What stands for what, by the first that fits at a place: Go's reference time, Mon Jan 2 15:04:05 MST 2006. */
const CHUNKS: readonly (readonly [RegExp, (at: Civil, chunk: string) => string])[] = [
  [/January/y, ({ month }) => monthName(BigInt(month))],
  [/Jan(?![a-z])/y, ({ month }) => monthName(BigInt(month)).slice(0, 3)],
  [/Monday/y, ({ weekday }) => weekdayName(BigInt(weekday))],
  [/Mon(?![a-z])/y, ({ weekday }) => weekdayName(BigInt(weekday)).slice(0, 3)],
  [/MST/y, () => 'UTC'],
  [/002/y, ({ yearDay }) => String(yearDay).padStart(3, '0')],
  [/01/y, ({ month }) => two(month)],
  [/02/y, ({ day }) => two(day)],
  [/03/y, ({ hour }) => two(hour % 12 || 12)],
  [/04/y, ({ minute }) => two(minute)],
  [/05/y, ({ second }) => two(second)],
  [/06/y, ({ year }) => two(Math.abs(year % 100))],
  [/15/y, ({ hour }) => two(hour)],
  [/1/y, ({ month }) => String(month)],
  [/2006/y, ({ year }) => yearText(year)],
  [/2/y, ({ day }) => String(day)],
  [/_(?=2006)/y, () => '_'],
  [/__2/y, ({ yearDay }) => String(yearDay).padStart(3, ' ')],
  [/_2/y, ({ day }) => String(day).padStart(2, ' ')],
  [/3/y, ({ hour }) => String(hour % 12 || 12)],
  [/4/y, ({ minute }) => String(minute)],
  [/5/y, ({ second }) => String(second)],
  [/PM/y, ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  [/pm/y, ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
  [/-(?:070000|0700)/y, (_, chunk) => `+${'0'.repeat(chunk.length - 1)}`],
  [/-07(?::00){0,2}/y, (_, chunk) => `+${chunk.slice(1).replace('7', '0')}`],
  [/Z07(?:(?::00){1,2}|0000|00)?/y, () => 'Z'],
  [/[.,](?:0+|9+)(?!\d)/y, (at, chunk) => fraction(chunk, at)],
];

/** A moment by a layout of Go. @throws Misuse */
export const timeIn = (layout: string, ns: bigint): string => {
  const civil = civilOf(ns);
  let text = '';
  let at = 0;
  while (at < layout.length) {
    const found = CHUNKS.find(([pattern]) => {
      pattern.lastIndex = at;
      return pattern.test(layout);
    });
    const length = found ? found[0].lastIndex - at : 1;
    const chunk = layout.slice(at, at + length);
    text += found ? found[1](civil, chunk) : chunk;
    at += length;
  }
  return text;
};

/** A moment as it says of itself. */
export const timeText = (ns: bigint): string => timeIn('2006-01-02 15:04:05.999999999 -0700 MST', ns);

/** So many units with what is over, without zeros at its end. */
const inUnits = (ns: bigint, unit: bigint): string => {
  const over = withoutZeros(String(ns % unit).padStart(String(unit).length - 1, '0'));
  return `${ns / unit}${over === '' || unit === 1n ? '' : `.${over}`}`;
};

/** A duration as it says of itself: `1h2m3.5s`. */
export const durationText = (duration: bigint): string => {
  if (duration === 0n) return '0s';
  if (duration < 0n) return `-${durationText(-duration)}`;
  if (duration < 1_000n) return `${duration}ns`;
  if (duration < 1_000_000n) return `${inUnits(duration, 1_000n)}µs`;
  if (duration < NS) return `${inUnits(duration, 1_000_000n)}ms`;
  const seconds = `${inUnits(duration % (60n * NS), NS)}s`;
  const minutes = duration / (60n * NS);
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
};

const ISO = /^(.*?)(?:\.(\d+))?(Z|[-+]\d\d:\d\d)$/;

/** Nanoseconds since the epoch of an instant with as many digits of its second as there are, nine at most. */
export const nanosecondsOf = (instant: string): bigint => {
  const [, whole = instant, digits = '', zone = ''] = ISO.exec(instant) ?? [];
  const seconds = BigInt(Date.parse(`${whole}${zone}`)) / 1_000n;
  return seconds * NS + BigInt(digits.slice(0, 9).padEnd(9, '0'));
};
