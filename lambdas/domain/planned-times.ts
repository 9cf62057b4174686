import { daysLater } from './civil-time.ts';
import type { Override, Schedule, Want } from './schedule.ts';
import {
  blockAt,
  type ClosedDay,
  closedDaysOf,
  datesBehind,
  daysAround,
  HORIZON_DAYS,
  isBounded,
  merged,
  type Span,
  spansOf,
  type Times,
} from './spans.ts';
import { openAt, openBetween, type WindowTimes } from './window-times.ts';

/** What a schedule wants, and when: its periods, the windows in which its VMs are up too, and what people override. */

/** A moment at which a schedule wants something else than before. */
export interface PlannedTime {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly want: Want;
  /** For people: which period, which window, or whose override. */
  readonly because: string;
  /** Whether it belongs to a period that has a start and a stop, so that one can be inside of it. */
  readonly bounded: boolean;
}

/** What times are reckoned from: a schedule, the days that its calendars close as they are now, and its windows likewise. */
export interface Plan extends Times, Pick<Schedule, 'overrides'> {
  readonly windowTimes: readonly WindowTimes[];
}

/** By time; of two that contradict each other in one minute the one that keeps VMs up holds, so it comes last. */
const inOrder = (times: readonly PlannedTime[]): PlannedTime[] =>
  times.toSorted((a, b) => a.at - b.at || (a.want === b.want ? 0 : a.want === 'down' ? -1 : 1));

const begins = (at: number, label: string): PlannedTime => ({
  at,
  want: 'up',
  because: `${label} begins`,
  bounded: true,
});
const ends = (at: number, label: string): PlannedTime => ({
  at,
  want: 'down',
  because: `${label} ends`,
  bounded: true,
});

const timesOf = (spans: readonly Span[]): PlannedTime[] => {
  const blocks = merged(spans.filter(isBounded)).flatMap(({ start, stop, label, lastLabel }) => [
    begins(start, label),
    ends(stop, lastLabel),
  ]);
  const points = spans
    .filter((span) => !isBounded(span))
    .flatMap(({ start, stop, label }): PlannedTime[] => [
      ...(start === undefined ? [] : [{ at: start, want: 'up' as const, because: `${label} starts`, bounded: false }]),
      ...(stop === undefined ? [] : [{ at: stop, want: 'down' as const, because: `${label} stops`, bounded: false }]),
    ]);
  return inOrder([...blocks, ...points]);
};

const ofPeriods = (plan: Plan, from: number, to: number): PlannedTime[] =>
  timesOf(spansOf(plan, daysAround(plan.timeZone, from, to))).filter(({ at }) => from < at && at <= to);

const STRIDE_DAYS = 8;

/** The last of some times up to a moment, within the horizon. */
const lastOf = (timesIn: (from: number, to: number) => readonly PlannedTime[], at: number): PlannedTime | undefined => {
  for (let back = 0; back < HORIZON_DAYS; back += STRIDE_DAYS) {
    const last = timesIn(daysLater(at, -back - STRIDE_DAYS), daysLater(at, -back)).at(-1);
    if (last) return last;
  }
  return undefined;
};

/** What the periods alone want at a moment: what their last time before it said. */
const periodsAt = (plan: Plan, at: number): PlannedTime | undefined => {
  const boundedIn = (from: number, to: number) => spansOf(plan, daysAround(plan.timeZone, from, to)).filter(isBounded);
  const inside = blockAt(boundedIn, at);
  const point = ofPeriods(plan, inside?.start ?? at, at).at(-1);
  if (inside) return point ?? begins(inside.start, inside.label);
  return lastOf((from, to) => ofPeriods(plan, from, to), at);
};

/**
 * What is wanted where nobody overrides it. A window changes what the periods want as it opens where VMs are not up, and as it
 * closes where they shall not be; while it is open a time of the periods counts for nothing. Windows that overlap or touch are
 * one, as periods are.
 */
const freeTimes = (plan: Plan, from: number, to: number): PlannedTime[] => {
  const own = ofPeriods(plan, from, to);
  const open = openBetween(plan.windowTimes, from, to);
  if (open.length === 0) return own;
  const before = periodsAt(plan, from);
  const isUp = (at: number): boolean => (own.findLast((time) => time.at <= at) ?? before)?.want === 'up';
  const free = own.filter(({ at }) => !open.some(({ start, stop }) => start <= at && at <= stop));
  const opens = open.filter(({ start }) => from < start && start <= to && !isUp(start - 1));
  const closes = open.filter(({ stop }) => from < stop && stop <= to && !isUp(stop));
  return inOrder([
    ...free,
    ...opens.map(({ start, label }) => begins(start, label)),
    ...closes.map(({ stop, lastLabel }) => ends(stop, lastLabel)),
  ]);
};

/** When a window has closed last. */
const lastClosed = ({ windowTimes }: Plan, at: number): PlannedTime | undefined =>
  lastOf(
    (from, to) =>
      openBetween(windowTimes, from, to)
        .filter(({ stop }) => from < stop && stop <= to)
        .map(({ stop, lastLabel }) => ends(stop, lastLabel)),
    at,
  );

/** What is wanted at a moment where nobody overrides it: up where a window is open, else what the periods want. */
const freeAt = (plan: Plan, at: number): PlannedTime | undefined => {
  const own = periodsAt(plan, at);
  if (plan.windowTimes.length === 0) return own;
  const open = openAt(plan.windowTimes, at);
  if (open) return own?.want === 'up' && own.at < open.start ? own : begins(open.start, open.label);
  if (own?.want === 'up') return own;
  const closed = lastClosed(plan, at);
  return closed && closed.at > (own?.at ?? 0) ? closed : own;
};

const millis = ({ from, until }: Override): [number, number] => [Date.parse(from), Date.parse(until)];

const overridden = (overrides: readonly Override[], at: number): Override | undefined =>
  overrides.find((each) => {
    const [from, until] = millis(each);
    return from <= at && at < until;
  });

const ofOverrides = (plan: Plan, from: number, to: number): PlannedTime[] =>
  plan.overrides.flatMap((override): PlannedTime[] => {
    const [begin, end] = millis(override);
    const { want, by } = override;
    const after = overridden(plan.overrides, end) ? undefined : freeAt(plan, end);
    const all: PlannedTime[] = [
      { at: begin, want, because: `override by ${by} begins`, bounded: true },
      ...(after ? [{ ...after, at: end, because: `override by ${by} ends; ${after.because}` }] : []),
    ];
    return all.filter(({ at }) => from < at && at <= to);
  });

/** Every time at which a schedule wants something, after `from` and up to `to`, in order. */
export const plannedTimes = (plan: Plan, from: number, to: number): PlannedTime[] => {
  const free = freeTimes(plan, from, to).filter(({ at }) => !overridden(plan.overrides, at));
  return inOrder([...free, ...ofOverrides(plan, from, to)]);
};

/** The next time after a moment: within 400 days, or on a date that a period names, however far that lies. */
export const nextPlanned = (plan: Plan, after: number): PlannedTime | undefined => {
  for (let ahead = 0; ahead < HORIZON_DAYS; ahead += STRIDE_DAYS) {
    const [first] = plannedTimes(plan, daysLater(after, ahead), daysLater(after, ahead + STRIDE_DAYS));
    if (first) return first;
  }
  const periods = [plan, ...plan.windowTimes].flatMap((times) => times.periods);
  for (const date of datesBehind({ periods }, daysLater(after, HORIZON_DAYS - STRIDE_DAYS))) {
    const [first] = plannedTimes(plan, daysLater(date, -1), daysLater(date, 2));
    if (first) return first;
  }
  return undefined;
};

/** What a schedule wants at a moment, and since when; nothing where no time of it has come yet. */
export const plannedAt = (plan: Plan, at: number): PlannedTime | undefined => {
  const override = overridden(plan.overrides, at);
  if (override === undefined) return freeAt(plan, at);
  const { want, by, from } = override;
  return { at: Date.parse(from), want, because: `override by ${by}`, bounded: true };
};

const byDate = (a: ClosedDay, b: ClosedDay): number => a.date.localeCompare(b.date);

/** The days between two moments on which periods, or its windows, would begin and do not, and why each. */
export const closedDays = (plan: Plan, from: number, to: number): ClosedDay[] => {
  const ofWindow = (window: WindowTimes): ClosedDay[] =>
    closedDaysOf(window, from, to, 'window').map(({ date, because }) => ({
      date,
      because: `${because}, for window ${window.name}`,
    }));
  return [...closedDaysOf(plan, from, to, 'schedule'), ...plan.windowTimes.flatMap(ofWindow)].toSorted(byDate);
};
