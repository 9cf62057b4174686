import { type Day, dayAfter, daysFrom, daysLater, instantOf } from './civil-time.ts';
import { type Cron, parseCron } from './cron.ts';
import type { Holidays } from './holidays.ts';
import type { Closure, Period, Weekday } from './period.ts';

/** What periods come to on days: when they begin and end, and which days are closed to them. */

/** What spans are reckoned from: periods in their zone, and the days on which none of them begins. */
export interface Times {
  readonly timeZone: string;
  readonly periods: readonly Period[];
  readonly closures: readonly Closure[];
  readonly holidays: Holidays;
}

const ISO_WEEKDAY: Record<Weekday, number> = { mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6, sun: 7 };

const isNth = (
  { day, weekday, daysInMonth }: Day,
  { nth, weekday: name }: { nth: number; weekday: Weekday },
): boolean => {
  if (weekday !== ISO_WEEKDAY[name]) return false;
  return nth === -1 ? day + 7 > daysInMonth : Math.ceil(day / 7) === nth;
};

const isOn = ({ months, weekdays, nthWeekdays, monthDays, dates }: Period, day: Day): boolean =>
  (months?.includes(day.month) ?? true) &&
  (weekdays?.some((name) => ISO_WEEKDAY[name] === day.weekday) ??
    nthWeekdays?.some((nth) => isNth(day, nth)) ??
    monthDays?.some((each) => (each > 0 ? each : day.daysInMonth + 1 + each) === day.day) ??
    dates?.includes(day.date) ??
    false);

/** Why nothing begins on a day, '' where nobody said: its own closures first, then its calendars. */
const closedFor = ({ closures, holidays }: Times, { date }: Day): string | undefined => {
  const own = closures.find(({ from, to = from }) => from <= date && date <= to);
  return own ? (own.note ?? '') : holidays(date);
};

/** Whoever names a date knows what day it is: a period of dates opens what is closed. */
const opens = ({ dates }: Period): boolean => dates !== undefined;

/** What a period comes to on one day. */
export interface Span {
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly label: string;
}

const labelOf = ({ start, stop }: Period, index: number): string =>
  `period ${index + 1} (${start ?? 'no start'} to ${stop ?? 'no stop'})`;

const spanOn = ({ timeZone }: Times, period: Period, index: number, day: Day): Span => {
  const { start, stop } = period;
  const overnight = start !== undefined && stop !== undefined && stop <= start;
  const stopDay = overnight ? dayAfter(day, 1) : day;
  return {
    start: start === undefined ? undefined : instantOf(timeZone, day.date, start, 'earlier'),
    // Of two 02:30 the later one: a clock that is put back takes no time away from anybody.
    stop: stop === undefined ? undefined : instantOf(timeZone, stopDay.date, stop, 'later'),
    label: labelOf(period, index),
  };
};

/** Read once for the many days that it is asked about. */
const READ = new WeakMap<object, { readonly start: Cron | undefined; readonly stop: Cron | undefined }>();

const cronOf = (cron: NonNullable<Period['cron']>) => {
  const { start, stop } = cron;
  const read = READ.get(cron) ?? {
    start: start ? parseCron(start) : undefined,
    stop: stop ? parseCron(stop) : undefined,
  };
  READ.set(cron, read);
  return read;
};

/** What an expression comes to on a day. A stop comes on closed days too, for what it ends may have begun before. */
const cronSpans = (timeZone: string, period: Period, index: number, day: Day, isClosed: boolean): Span[] => {
  if (!period.cron) return [];
  const { start, stop } = cronOf(period.cron);
  const label = `period ${index + 1} (cron)`;
  const times = (cron: Cron | undefined) => (cron?.isOn(day) ? cron.times : []);
  const at = (time: string, twice: 'earlier' | 'later') => instantOf(timeZone, day.date, time, twice);
  const starts = isClosed ? [] : times(start).map((time) => ({ start: at(time, 'earlier'), stop: undefined, label }));
  return [...starts, ...times(stop).map((time) => ({ start: undefined, stop: at(time, 'later'), label }))];
};

/** What periods come to on these days. */
export const spansOf = (times: Times, days: Iterable<Day>): Span[] =>
  Array.from(days).flatMap((day) => {
    const isClosed = closedFor(times, day) !== undefined;
    return times.periods.flatMap((period, index) => {
      if (period.cron) return cronSpans(times.timeZone, period, index, day, isClosed);
      return isOn(period, day) && (!isClosed || opens(period)) ? [spanOn(times, period, index, day)] : [];
    });
  });

const begins = (period: Period, day: Day): boolean =>
  period.cron ? (cronOf(period.cron).start?.isOn(day) ?? false) : isOn(period, day);

/** A day on which a period would begin, and does not. */
export interface ClosedDay {
  readonly date: string;
  /** `Tag der Deutschen Einheit (feiertage)`. */
  readonly because: string;
}

/** The days between two moments on which periods would begin and do not, and why each; `noun` is whose own closures are meant. */
export const closedDaysOf = (times: Times, from: number, to: number, noun: string): ClosedDay[] =>
  Array.from(daysFrom(times.timeZone, from, to - 1)).flatMap((day) => {
    const because = times.periods.some((period) => !opens(period) && begins(period, day))
      ? closedFor(times, day)
      : undefined;
    return because === undefined ? [] : [{ date: day.date, because: because || `closed by the ${noun}` }];
  });

export interface Bounded extends Span {
  readonly start: number;
  readonly stop: number;
}

export const isBounded = (span: Span): span is Bounded => span.start !== undefined && span.stop !== undefined;

/** A stretch without a pause, of one span or of several. */
export interface Block extends Bounded {
  /** Of the span that ends it; `label` is the first one's. */
  readonly lastLabel: string;
}

/** Spans that overlap or touch are one: nothing is stopped that is wanted up in the same minute. */
export const merged = (spans: readonly Bounded[]): Block[] => {
  const all: Block[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last === undefined || span.start > last.stop) all.push({ ...span, lastLabel: span.label });
    else if (span.stop > last.stop) all[all.length - 1] = { ...last, stop: span.stop, lastLabel: span.label };
  }
  // A span whose whole time is skipped by a clock that is put forward is none.
  return all.filter(({ start, stop }) => start < stop);
};

/** A period that began the day before may end today, and a day is a day later elsewhere. */
const MARGIN_DAYS = 2;

/** The days whose spans may lie between two moments. */
export const daysAround = (timeZone: string, from: number, to: number): Generator<Day> =>
  daysFrom(timeZone, daysLater(from, -MARGIN_DAYS), daysLater(to, 1));

/** So far back and ahead is looked for a time: the longest gap between two 29ths of February is eight years, but no plan needs it. */
export const HORIZON_DAYS = 400;

/**
 * The block in which a moment lies, from its first: it is looked for further back while it may lie there. `spansIn` has all
 * spans that may lie between two moments.
 */
export const blockAt = (
  spansIn: (from: number, to: number) => readonly Bounded[],
  at: number,
  back = MARGIN_DAYS,
): Block | undefined => {
  const from = daysLater(at, -back);
  const inside = merged(spansIn(from, at)).find(({ start, stop }) => start <= at && at < stop);
  // One that is always up has no time at which it begins.
  const isWhole = inside === undefined || inside.start > from || back > HORIZON_DAYS;
  return isWhole ? inside : blockAt(spansIn, at, 4 * (back + MARGIN_DAYS));
};

/** Moments around the dates that periods name behind a moment, in their order. */
export const datesBehind = ({ periods }: Pick<Times, 'periods'>, after: number): number[] =>
  periods
    .flatMap(({ dates = [] }) => dates.map((date) => Date.parse(date)))
    .filter((at) => at > after)
    .toSorted((a, b) => a - b);
