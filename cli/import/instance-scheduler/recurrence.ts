import type { Day } from '../../../lambdas/domain/civil-time.ts';
import type { Period, Weekday } from '../../../lambdas/domain/period.ts';
import { type Term, termsOf } from './terms.ts';

/** On which days a period of Instance Scheduler is: all three must hold, and what is absent holds always. */
export interface Recurrence {
  readonly months?: ReadonlySet<number>;
  /** 0 is Monday. */
  readonly weekdays?: { readonly days: ReadonlySet<number>; readonly nth: readonly Nth[] };
  readonly monthDays?: {
    readonly days: ReadonlySet<number>;
    readonly last: boolean;
    /** The working days nearest to these. */
    readonly nearest: readonly number[];
  };
}

type Nth = { readonly nth: number; readonly weekday: number };

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** From one value to another by steps, over the end of a round where it ends before it begins. */
const round = (from: number, to: number, step: number, [first, last]: readonly [number, number]): number[] => {
  const unrolled = to < from ? to + (last - first + 1) : to;
  const found: number[] = [];
  for (let at = from; at <= unrolled; at += step) found.push(at > last ? at - (last - first + 1) : at);
  return found;
};

const valuesOf = (terms: readonly Term[], bounds: readonly [number, number]): number[] =>
  terms.flatMap((term) => {
    if (term.kind === 'value') return [term.value];
    if (term.kind !== 'range') return [];
    return round(term.from, typeof term.to === 'number' ? term.to : bounds[1], term.step, bounds);
  });

const isAll = (terms: readonly Term[], values: ReadonlySet<number>, count: number): boolean =>
  values.size === count || terms.some(({ kind }) => kind === 'all');

/** Reads the three expressions of a period. @throws BadExpression */
export const recurrenceOf = (fields: {
  readonly months?: readonly string[] | undefined;
  readonly weekdays?: readonly string[] | undefined;
  readonly monthdays?: readonly string[] | undefined;
}): Recurrence => {
  const [inMonths, inWeek, inMonth] = [
    termsOf('months', fields.months),
    termsOf('weekdays', fields.weekdays),
    termsOf('monthdays', fields.monthdays),
  ];
  const months = new Set(valuesOf(inMonths, [1, 12]));
  const sundays = inWeek.some(({ kind }) => kind === 'last') ? [6] : [];
  const weekdays = new Set([...valuesOf(inWeek, [0, 6]), ...sundays]);
  const days = new Set(valuesOf(inMonth, [1, 31]));
  return {
    ...(isAll(inMonths, months, 12) ? {} : { months }),
    ...(isAll(inWeek, weekdays, 7)
      ? {}
      : { weekdays: { days: weekdays, nth: inWeek.flatMap((term) => (term.kind === 'nth' ? [term] : [])) } }),
    ...(isAll(inMonth, days, 31)
      ? {}
      : {
          monthDays: {
            days,
            last: inMonth.some(({ kind }) => kind === 'last'),
            nearest: inMonth.flatMap((term) => (term.kind === 'nearest' ? [term.day] : [])),
          },
        }),
  };
};

const isNth = ({ day, weekday, daysInMonth }: Day, { nth, weekday: wanted }: Nth): boolean =>
  weekday - 1 === wanted && (nth === -1 ? day + 7 > daysInMonth : Math.ceil(day / 7) === nth);

/** The working day nearest to a day of the month, within the month. */
const nearestTo = (wanted: number, { day, weekday, daysInMonth }: Day): number => {
  const onWeekday = (((weekday - 1 + wanted - day) % 7) + 7) % 7;
  if (onWeekday === 5) return wanted === 1 ? 3 : wanted - 1;
  if (onWeekday === 6) return wanted === daysInMonth ? wanted - 2 : wanted + 1;
  return wanted;
};

/** Whether a period is on a day. */
export const isOn = ({ months, weekdays, monthDays }: Recurrence, day: Day): boolean =>
  (months?.has(day.month) ?? true) &&
  (weekdays === undefined || weekdays.days.has(day.weekday - 1) || weekdays.nth.some((nth) => isNth(day, nth))) &&
  (monthDays === undefined ||
    monthDays.days.has(day.day) ||
    (monthDays.last && day.day === day.daysInMonth) ||
    monthDays.nearest.some((wanted) => wanted <= day.daysInMonth && nearestTo(wanted, day) === day.day));

/** The days of our periods. */
export type Days = Pick<Period, 'weekdays' | 'nthWeekdays' | 'monthDays' | 'dates' | 'months'>;

const ofWeek = ({ days, nth }: NonNullable<Recurrence['weekdays']>): Days[] => [
  ...(days.size > 0 ? [{ weekdays: WEEK.filter((_, index) => days.has(index)) }] : []),
  ...(nth.length > 0
    ? [{ nthWeekdays: nth.map(({ nth: which, weekday }) => ({ nth: which, weekday: WEEK[weekday] ?? 'mon' })) }]
    : []),
];

const ascending = (values: Iterable<number>): number[] => [...values].toSorted((a, b) => a - b);

/** The same days as our periods say them; nothing where they cannot: weekday and day of the month at once, nearest working days. */
export const daysOf = ({ months, weekdays, monthDays }: Recurrence): Days[] | undefined => {
  const within = months ? { months: ascending(months) } : {};
  if (monthDays === undefined) {
    const all = weekdays ? ofWeek(weekdays) : [{ weekdays: [...WEEK] }];
    return all.map((days) => ({ ...days, ...within }));
  }
  if (weekdays !== undefined || monthDays.nearest.length > 0) return undefined;
  return [{ monthDays: [...ascending(monthDays.days), ...(monthDays.last ? [-1] : [])], ...within }];
};
