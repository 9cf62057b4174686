import { type Day, daysFrom, daysLater } from '../../../lambdas/domain/civil-time.ts';
import type { Period, Weekday } from '../../../lambdas/domain/period.ts';
import type { Want } from '../../../lambdas/domain/schedule.ts';
import { type Days, daysOf, isOn } from './recurrence.ts';
import { type Action, actionsOn, type Rule } from './states.ts';

/** Where, when and how often Instance Scheduler looks. */
export interface Scene {
  readonly zone: string;
  /** Now, in epoch milliseconds: days that no rule of ours can say are written out from here on. */
  readonly now: number;
  /** Minutes between two of its runs. */
  readonly interval: number;
}

/** Our periods for the rules of one schedule. */
export interface Converted {
  readonly periods: readonly Period[];
  /** The last day of those that are written out. */
  readonly until?: string;
  /** What it wants at every moment, where it never wants anything else. */
  readonly always?: Want;
  /** Pauses that no run of its sees: `12:00 to 12:01`. */
  readonly unseen: readonly string[];
}

const DAY = 1440;
const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** A year of days and one on each side; the last that is asked about is told. */
const yearOf = ({ zone, now }: Scene): Day[] => [...daysFrom(zone, daysLater(now, -1), daysLater(now, 366))];

const isTwoSided = ({ begin, end }: Rule): boolean => (begin === undefined) === (end === undefined);
const isWeekly = ({ on: { months, weekdays, monthDays } }: Rule): boolean =>
  months === undefined && monthDays === undefined && (weekdays?.nth.length ?? 0) === 0;

/** Days under each moment and want, as periods that only start or only stop. */
const points = (actions: readonly Action[], days: (actions: readonly Action[]) => Days): Period[] =>
  [...Map.groupBy(actions, ({ minute, want }) => `${want} ${clock(minute)}`)].map(([key, same]): Period => {
    const [want, time] = key.split(' ');
    return { ...days(same), ...(want === 'up' ? { start: time } : { stop: time }) };
  });

const onWeekdays = (actions: readonly Action[]): Days => ({
  weekdays: WEEK.filter((_, index) => actions.some(({ day }) => day.weekday === index + 1)),
});
const onDates = (actions: readonly Action[]): Days => ({ dates: actions.map(({ day: { date } }) => date) });

/** Whether there is a day of one rule on which, or on the day after which, the other is. */
const meet = (rule: Rule, other: Rule, days: readonly Day[], later: 0 | 1): boolean =>
  days.some((day, index) => {
    const then = days[index + later];
    return then !== undefined && isOn(rule.on, day) && isOn(other.on, then);
  });

/** The stop of a rule; where another begins before any run sees that it was over, it is the other's beginning. */
const stopOf = (rule: Rule, rules: readonly Rule[], { interval }: Scene, year: readonly Day[]): number => {
  const { end = DAY } = rule;
  const isUnseen = (begin: number) =>
    Math.ceil(end / interval) * interval >= begin || (begin === end + 1 && rules.length > 1);
  const next = rules.flatMap((other) => {
    const { begin = 0 } = other;
    const at = begin === 0 ? DAY : begin;
    return at > end && isUnseen(at) && meet(rule, other, year, begin === 0 ? 1 : 0) ? [at] : [];
  });
  return Math.max(end, ...next);
};

/** One period of theirs as one or two of ours, or with its days written out. */
const bounded = (rule: Rule, rules: readonly Rule[], scene: Scene, all: readonly Day[]): Converted => {
  const { on, begin = 0, end = DAY } = rule;
  const stop = stopOf(rule, rules, scene, all);
  const known = daysOf(on);
  const year = known ? [] : all.slice(1, -1);
  const days: readonly Days[] = known ?? [{ dates: year.filter((day) => isOn(on, day)).map(({ date }) => date) }];
  const last = year.at(-1)?.date;
  return {
    periods: days
      .filter(({ dates }) => dates === undefined || dates.length > 0)
      .map((each) => ({ ...each, start: clock(begin), stop: clock(stop) })),
    unseen: stop > end ? [`${clock(end)} to ${clock(stop)}`] : [],
    ...(last === undefined ? {} : { until: last }),
  };
};

/** For what never changes: it is put in place each midnight. */
export const constantOf = (want: Want): Converted => ({
  periods: [{ weekdays: [...WEEK], ...(want === 'up' ? { start: '00:00' } : { stop: '00:00' }) }],
  always: want,
  unseen: [],
});

const oneSided = (
  rules: readonly Rule[],
  scene: Scene,
  actions: readonly Action[],
  year: readonly Day[],
): Converted => {
  if (!rules.every(isWeekly)) {
    const until = year.at(-2)?.date;
    return { periods: points(actions, onDates), unseen: [], ...(until === undefined ? {} : { until }) };
  }
  // A week repeats itself; its first day needs the day before for what comes over midnight.
  const week = actionsOn(rules, year.slice(0, 16), scene.interval).filter(({ day }) =>
    year.slice(7, 14).some(({ date }) => date === day.date),
  );
  return { periods: points(week, onWeekdays), unseen: [] };
};

/** The rules of a schedule as our periods, which start and stop at the same minutes. */
export const periodsFrom = (rules: readonly Rule[], scene: Scene): Converted => {
  const year = yearOf(scene);
  const actions = actionsOn(rules, year, scene.interval);
  if (actions.length === 0) {
    const [before, day, after] = year;
    const runs = before && day && after && rules.some((rule) => isOn(rule.on, day));
    return constantOf(runs ? 'up' : 'down');
  }
  if (!rules.every(isTwoSided)) return oneSided(rules, scene, actions, year);
  const all = rules
    .filter(({ begin, end }) => begin === undefined || begin !== end)
    .map((rule) => bounded(rule, rules, scene, year));
  const until = all.find((each) => each.until !== undefined)?.until;
  return {
    periods: all.flatMap(({ periods }) => periods),
    unseen: all.flatMap(({ unseen }) => unseen),
    ...(until === undefined ? {} : { until }),
  };
};
