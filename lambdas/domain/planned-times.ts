import { type Day, dayAfter, daysFrom, daysLater, instantOf } from './civil-time.ts';
import { type Cron, parseCron } from './cron.ts';
import type { Holidays } from './holidays.ts';
import type { Override, Period, Schedule, Want, Weekday } from './schedule.ts';

/** A moment at which a schedule wants something else than before. */
export interface PlannedTime {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly want: Want;
  /** For people: which period, or whose override. */
  readonly because: string;
  /** Whether it belongs to a period that has a start and a stop, so that one can be inside of it. */
  readonly bounded: boolean;
}

/** What times are reckoned from: a schedule, and the days that its calendars close as they are now. */
export interface Plan extends Pick<Schedule, 'timeZone' | 'periods' | 'closures' | 'overrides'> {
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

/** Why nothing begins on a day: the schedule's own closures first, then its calendars. */
const closedFor = ({ closures, holidays }: Plan, { date }: Day): string | undefined => {
  const own = closures.find(({ from, to = from }) => from <= date && date <= to);
  return own ? (own.note ?? 'closed by the schedule') : holidays(date);
};

/** Whoever names a date knows what day it is: a period of dates opens what is closed. */
const opens = ({ dates }: Period): boolean => dates !== undefined;

/** What a period comes to on one day. */
interface Span {
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly label: string;
}

const labelOf = ({ start, stop }: Period, index: number): string =>
  `period ${index + 1} (${start ?? 'no start'} to ${stop ?? 'no stop'})`;

const spanOn = ({ timeZone }: Plan, period: Period, index: number, day: Day): Span => {
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
const cronSpans = (plan: Plan, period: Period, index: number, day: Day, isClosed: boolean): Span[] => {
  if (!period.cron) return [];
  const { start, stop } = cronOf(period.cron);
  const label = `period ${index + 1} (cron)`;
  const times = (cron: Cron | undefined) => (cron?.isOn(day) ? cron.times : []);
  const at = (time: string, twice: 'earlier' | 'later') => instantOf(plan.timeZone, day.date, time, twice);
  const starts = isClosed ? [] : times(start).map((time) => ({ start: at(time, 'earlier'), stop: undefined, label }));
  return [...starts, ...times(stop).map((time) => ({ start: undefined, stop: at(time, 'later'), label }))];
};

const spansOf = (plan: Plan, days: Iterable<Day>): Span[] =>
  Array.from(days).flatMap((day) => {
    const isClosed = closedFor(plan, day) !== undefined;
    return plan.periods.flatMap((period, index) => {
      if (period.cron) return cronSpans(plan, period, index, day, isClosed);
      return isOn(period, day) && (!isClosed || opens(period)) ? [spanOn(plan, period, index, day)] : [];
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

/** The days between two moments on which periods would begin and do not, and why each. */
export const closedDays = (plan: Plan, from: number, to: number): ClosedDay[] =>
  Array.from(daysFrom(plan.timeZone, from, to - 1)).flatMap((day) => {
    const because = plan.periods.some((period) => !opens(period) && begins(period, day))
      ? closedFor(plan, day)
      : undefined;
    return because === undefined ? [] : [{ date: day.date, because }];
  });

interface Bounded {
  readonly start: number;
  readonly stop: number;
  readonly label: string;
}

const isBounded = (span: Span): span is Span & Bounded => span.start !== undefined && span.stop !== undefined;

/** Spans that overlap or touch are one: nothing is stopped that is wanted up in the same minute. */
const merged = (spans: readonly Bounded[]): Bounded[] => {
  const all: Bounded[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last === undefined || span.start > last.stop) all.push(span);
    else if (span.stop > last.stop) all[all.length - 1] = { ...last, stop: span.stop, label: span.label };
  }
  // A span whose whole time is skipped by a clock that is put forward is none.
  return all.filter(({ start, stop }) => start < stop);
};

const timesOf = (spans: readonly Span[]): PlannedTime[] => {
  const starts = merged(spans.filter(isBounded)).flatMap(({ start, stop, label }): PlannedTime[] => [
    { at: start, want: 'up', because: `${label} begins`, bounded: true },
    { at: stop, want: 'down', because: `${label} ends`, bounded: true },
  ]);
  const points = spans
    .filter((span) => !isBounded(span))
    .flatMap(({ start, stop, label }): PlannedTime[] => [
      ...(start === undefined ? [] : [{ at: start, want: 'up' as const, because: `${label} starts`, bounded: false }]),
      ...(stop === undefined ? [] : [{ at: stop, want: 'down' as const, because: `${label} stops`, bounded: false }]),
    ]);
  return inOrder([...starts, ...points]);
};

/** By time; of two that contradict each other in one minute the one that keeps VMs up holds, so it comes last. */
const inOrder = (times: readonly PlannedTime[]): PlannedTime[] =>
  times.toSorted((a, b) => a.at - b.at || (a.want === b.want ? 0 : a.want === 'down' ? -1 : 1));

/** A period that began the day before may end today, and a day is a day later elsewhere. */
const MARGIN_DAYS = 2;

const ofPeriods = (plan: Plan, from: number, to: number): PlannedTime[] => {
  const days = daysFrom(plan.timeZone, daysLater(from, -MARGIN_DAYS), daysLater(to, 1));
  return timesOf(spansOf(plan, days)).filter(({ at }) => from < at && at <= to);
};

/** So far back and ahead is looked for a time: the longest gap between two 29ths of February is eight years, but no plan needs it. */
const HORIZON_DAYS = 400;
const STRIDE_DAYS = 8;

/** The days without a pause in which a moment lies, from their first: it is looked for further back while it may lie there. */
const blockAt = (plan: Plan, at: number, back = 2 * MARGIN_DAYS): Bounded | undefined => {
  const from = daysLater(at, -back);
  const spans = spansOf(plan, daysFrom(plan.timeZone, from, daysLater(at, 1))).filter(isBounded);
  const inside = merged(spans).find(({ start, stop }) => start <= at && at < stop);
  // One that is always up has no time at which it begins.
  const isWhole = inside === undefined || inside.start > daysLater(from, MARGIN_DAYS) || back > HORIZON_DAYS;
  return isWhole ? inside : blockAt(plan, at, 4 * back);
};

/** What the periods alone want at a moment: what their last time before it said. */
const periodsAt = (plan: Plan, at: number): PlannedTime | undefined => {
  const inside = blockAt(plan, at);
  const point = ofPeriods(plan, inside?.start ?? at, at).at(-1);
  if (inside) return point ?? { at: inside.start, want: 'up', because: `${inside.label} begins`, bounded: true };
  for (let back = 0; back < HORIZON_DAYS; back += STRIDE_DAYS) {
    const last = ofPeriods(plan, daysLater(at, -back - STRIDE_DAYS), daysLater(at, -back)).at(-1);
    if (last) return last;
  }
  return undefined;
};

const millis = ({ from, until }: Override): [number, number] => [Date.parse(from), Date.parse(until)];

const overridden = (overrides: readonly Override[], at: number): Override | undefined =>
  overrides.find((each) => {
    const [from, until] = millis(each);
    return from <= at && at < until;
  });

const ofOverrides = (plan: Plan, from: number, to: number): PlannedTime[] =>
  plan.overrides.flatMap((override): PlannedTime[] => {
    const [begins, ends] = millis(override);
    const { want, by } = override;
    const after = overridden(plan.overrides, ends) ? undefined : periodsAt(plan, ends);
    const all: PlannedTime[] = [
      { at: begins, want, because: `override by ${by} begins`, bounded: true },
      ...(after ? [{ ...after, at: ends, because: `override by ${by} ends; ${after.because}` }] : []),
    ];
    return all.filter(({ at }) => from < at && at <= to);
  });

/** Every time at which a schedule wants something, after `from` and up to `to`, in order. */
export const plannedTimes = (plan: Plan, from: number, to: number): PlannedTime[] => {
  const free = ofPeriods(plan, from, to).filter(({ at }) => !overridden(plan.overrides, at));
  return inOrder([...free, ...ofOverrides(plan, from, to)]);
};

/** Moments around the dates that periods name behind a moment, in their order. */
const datesBehind = ({ periods }: Plan, after: number): number[] =>
  periods
    .flatMap(({ dates = [] }) => dates.map((date) => Date.parse(date)))
    .filter((at) => at > after)
    .toSorted((a, b) => a - b);

/** The next time after a moment: within 400 days, or on a date that a period names, however far that lies. */
export const nextPlanned = (plan: Plan, after: number): PlannedTime | undefined => {
  for (let ahead = 0; ahead < HORIZON_DAYS; ahead += STRIDE_DAYS) {
    const [first] = plannedTimes(plan, daysLater(after, ahead), daysLater(after, ahead + STRIDE_DAYS));
    if (first) return first;
  }
  for (const date of datesBehind(plan, daysLater(after, HORIZON_DAYS - STRIDE_DAYS))) {
    const [first] = plannedTimes(plan, daysLater(date, -1), daysLater(date, 2));
    if (first) return first;
  }
  return undefined;
};

/** What a schedule wants at a moment, and since when; nothing where no time of it has come yet. */
export const plannedAt = (plan: Plan, at: number): PlannedTime | undefined => {
  const override = overridden(plan.overrides, at);
  if (override === undefined) return periodsAt(plan, at);
  const { want, by, from } = override;
  return { at: Date.parse(from), want, because: `override by ${by}`, bounded: true };
};
