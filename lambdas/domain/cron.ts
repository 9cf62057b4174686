import type { Day } from './civil-time.ts';

/**
 * Cron expressions, of five fields as cron reads them or of six as AWS does (`?`, years, Sunday is 1): on which days, and when on
 * them, as clocks on the wall show it. Which instants that are is civil-time.ts, so that changes of clocks mean one thing everywhere.
 */
export interface Cron {
  readonly isOn: (day: Day) => boolean;
  /** `09:00`, in order. */
  readonly times: readonly string[];
}

/** A schedule starts and stops; what comes more often is a clock. */
const MOST_TIMES = 24;

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MINUTE: Field = { name: 'minute', least: 0, most: 59 };
const HOUR: Field = { name: 'hour', least: 0, most: 23 };
const MONTH_DAY: Field = { name: 'day of the month', least: 1, most: 31 };
const YEAR: Field = { name: 'year', least: 1970, most: 2199 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MONTH: Field = { name: 'month', least: 1, most: 12, names: MONTHS };
const WEEK = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const WEEKDAY = { name: 'day of the week', names: WEEK };
const OF_CRON: Field = { ...WEEKDAY, least: 0, most: 7 };
const OF_AWS: Field = { ...WEEKDAY, least: 1, most: 7 };

const wrong = ({ name }: Field, text: string, why = 'cannot be read'): Error => new Error(`${name}: ${text} ${why}`);

const numberOf = (field: Field, text: string): number => {
  const named = field.names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + field.least : Number(text);
  if (named < 0 && !/^\d{1,4}$/.test(text)) throw wrong(field, text);
  if (value < field.least || value > field.most)
    throw wrong(field, text, `is not within ${field.least} and ${field.most}`);
  return value;
};

const rangeOf = (field: Field, text: string, isStepped: boolean): readonly [number, number] => {
  if (text === '*') return [field.least, field.most];
  const [from = '', to] = text.split('-');
  const first = numberOf(field, from);
  // A week that ends on Sunday ends on its seventh day.
  const last = to === undefined ? (isStepped ? field.most : first) : to === 'SUN' ? 7 : numberOf(field, to);
  if (last < first) throw wrong(field, text, 'ends before it begins');
  return [first, last];
};

const numbersOf = (field: Field, text: string): number[] =>
  text.split(',').flatMap((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || step === '0' || (step !== undefined && !/^\d{1,2}$/.test(step))) throw wrong(field, part);
    const [from, to] = rangeOf(field, range, step !== undefined);
    const by = Number(step ?? 1);
    return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
  });

type DayTest = (day: Day) => boolean;

/** The weekday that another day of the same month is, 1 for Monday. */
const weekdayOf = ({ weekday, day }: Day, other: number): number => ((((weekday - 1 + other - day) % 7) + 7) % 7) + 1;

/** The working day nearest to a day of the month, within the month. */
const nearest = (day: Day, wanted: number): number => {
  const weekday = weekdayOf(day, wanted);
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 7) return wanted === day.daysInMonth ? wanted - 2 : wanted + 1;
  return wanted;
};

const monthDays = (text: string): DayTest => {
  if (text === 'L') return ({ day, daysInMonth }) => day === daysInMonth;
  if (text === 'LW') return (day) => day.day === nearest(day, day.daysInMonth);
  const working = /^(\d{1,2})W$/.exec(text)?.[1];
  if (working !== undefined) {
    const wanted = numberOf(MONTH_DAY, working);
    return (day) => wanted <= day.daysInMonth && day.day === nearest(day, wanted);
  }
  const days = numbersOf(MONTH_DAY, text);
  return ({ day }) => days.includes(day);
};

/** Cron's Sunday is 0 and 7, AWS's 1; ours is 7 (ISO 8601). */
const isoOf = ({ least }: Field, value: number): number => ((value - least + 6) % 7) + 1;

const weekdays = (field: Field, text: string): DayTest => {
  const [, name = '', rest] = /^(\w+?)(L|#[1-5])$/.exec(text) ?? [];
  if (rest !== undefined) {
    const wanted = isoOf(field, numberOf(field, name));
    return ({ day, weekday, daysInMonth }) =>
      weekday === wanted && (rest === 'L' ? day + 7 > daysInMonth : Math.ceil(day / 7) === Number(rest.slice(1)));
  }
  const days = numbersOf(field, text).map((value) => isoOf(field, value));
  return ({ weekday }) => days.includes(weekday);
};

const isAny = (text: string): boolean => text === '*' || text === '?';

/** Of a day of the month and one of the week cron takes either, where both are said; AWS lets one be said. */
const eitherOf = (monthDay: string, weekday: string, field: Field): DayTest => {
  const tests = [
    ...(isAny(monthDay) ? [] : [monthDays(monthDay)]),
    ...(isAny(weekday) ? [] : [weekdays(field, weekday)]),
  ];
  return (day) => tests.length === 0 || tests.some((test) => test(day));
};

const two = (value: number): string => String(value).padStart(2, '0');

const timesOf = (minute: string, hour: string): string[] => {
  const minutes = new Set(numbersOf(MINUTE, minute));
  const times = [...new Set(numbersOf(HOUR, hour))].flatMap((h) => [...minutes].map((m) => `${two(h)}:${two(m)}`));
  if (times.length > MOST_TIMES)
    throw new Error(`it comes ${times.length} times a day, and ${MOST_TIMES} are the most`);
  return times.sort();
};

const DAY_MS = 86_400_000;

/** Days of a year as they are asked about. */
function* daysOf(year: number): Generator<Day> {
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += DAY_MS) {
    const date = new Date(at);
    const month = date.getUTCMonth() + 1;
    yield {
      date: date.toISOString().slice(0, 10),
      weekday: date.getUTCDay() || 7,
      month,
      day: date.getUTCDate(),
      daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
    };
  }
}

/** Ordinary years that begin on each day of the week: what comes in none of them is a date. */
const ORDINARY = [2025, 2026, 2027, 2029, 2030, 2033, 2034];

/** Reads an expression. @throws Error naming the field that is wrong, or saying that it never comes */
export const parseCron = (text: string): Cron => {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [minute = '', hour = '', monthDay = '', month = '', weekday = '', year] = fields;
  if (fields.length < 5 || fields.length > 6)
    throw new Error(`it has ${fields.length} fields; cron's are five, AWS's six`);
  if (year !== undefined && (monthDay === '?') === (weekday === '?')) {
    throw new Error('of six fields, one of day of the month and day of the week is ?, and one is not');
  }
  const times = timesOf(minute, hour);
  const months = numbersOf(MONTH, month);
  const years = year === undefined || year === '*' ? undefined : numbersOf(YEAR, year);
  const isDay = eitherOf(monthDay, weekday, year === undefined ? OF_CRON : OF_AWS);
  const isOn = (day: Day): boolean =>
    months.includes(day.month) && (years?.includes(Number(day.date.slice(0, 4))) ?? true) && isDay(day);
  if ((years ?? ORDINARY).some((each) => daysOf(each).some(isOn))) return { isOn, times };
  throw new Error('there is no such day in an ordinary year; what comes in leap years alone is a date');
};
