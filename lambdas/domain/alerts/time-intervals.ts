import { type Day, dayAt, minuteAt } from '../civil-time.ts';

/** From one to another, both included. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * A time interval as Alertmanager 0.25 means it, by which routes are mute or active: all that is said of it must hold. In one
 * thing it is departed from: a month in which clocks are put forward has all its days here, where 0.25 counts one too few.
 */
export interface TimeInterval {
  /** Minutes of the day; here the end is not included. */
  readonly times?: readonly Range[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays?: readonly Range[] | undefined;
  /** From the end of the month where negative: -1 is its last day. */
  readonly days_of_month?: readonly Range[] | undefined;
  readonly months?: readonly Range[] | undefined;
  readonly years?: readonly Range[] | undefined;
  /** UTC where it is not said. */
  readonly location?: string | undefined;
}

/** Whether one of them has it; all have it where none is said. */
const hasOne = (ranges: readonly Range[] | undefined, isIn: (range: Range) => boolean): boolean =>
  ranges === undefined || ranges.some(isIn);

const has =
  (value: number) =>
  (range: Range): boolean =>
    value >= range.begin && value <= range.end;

const hasDay =
  ({ day, daysInMonth }: Day) =>
  (range: Range): boolean => {
    const [begin = 0, end = 0] = [range.begin, range.end].map((each) => (each < 0 ? daysInMonth + each + 1 : each));
    return day >= begin && day <= end;
  };

const contains = (interval: TimeInterval, at: number): boolean => {
  const zone = interval.location ?? 'UTC';
  const day = dayAt(zone, at);
  const minute = minuteAt(zone, at);
  return (
    hasOne(interval.times, ({ begin, end }) => minute >= begin && minute < end) &&
    hasOne(interval.days_of_month, hasDay(day)) &&
    hasOne(interval.months, has(day.month)) &&
    hasOne(interval.weekdays, has(day.weekday % 7)) &&
    hasOne(interval.years, has(Number(day.date.slice(0, 4))))
  );
};

/** Whether a moment is within one of these. */
export const isWithin = (intervals: readonly TimeInterval[], at: number): boolean =>
  intervals.some((interval) => contains(interval, at));
