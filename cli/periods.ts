import { InvalidArgumentError } from 'commander';
import type { NewSchedule } from './api.ts';

/** Periods and closed days as people type them; what is written wrong is wrong use. */

type Period = NewSchedule['periods'][number];
type Closure = NonNullable<NewSchedule['closures']>[number];
type Weekday = NonNullable<Period['weekdays']>[number];

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NTH: Readonly<Record<string, number>> = { '1st': 1, '2nd': 2, '3rd': 3, '4th': 4, '5th': 5, last: -1 };

const FORM =
  'It is written <days> <start>-<stop>, such as "mon-fri 09:00-18:00", "daily 22:00-06:00", "sat,sun 10:00-", "1,-1 -20:00", ' +
  '"2nd-mon,last-fri 08:00-12:00" or "2026-12-24,2026-12-31 09:00-14:00".';

const isWeekday = (word: string): word is Weekday => WEEK.some((day) => day === word);

const weekdaysOf = (word: string): Weekday[] | undefined => {
  if (word === 'daily') return [...WEEK];
  const [from = '', to = from] = word.split('-');
  if (!isWeekday(from) || !isWeekday(to)) return undefined;
  const [first, last] = [WEEK.indexOf(from), WEEK.indexOf(to)];
  // From Saturday to Monday is a stretch, too.
  return first <= last ? WEEK.slice(first, last + 1) : [...WEEK.slice(first), ...WEEK.slice(0, last + 1)];
};

const nthOf = (word: string) => {
  const [, nth = '', weekday = ''] = /^(1st|2nd|3rd|4th|5th|last)-([a-z]{3})$/.exec(word) ?? [];
  const number = NTH[nth];
  return number !== undefined && isWeekday(weekday) ? [{ nth: number, weekday }] : undefined;
};

const monthDayOf = (word: string): number[] | undefined => (/^-?[1-9][0-9]?$/.test(word) ? [Number(word)] : undefined);
const dateOf = (word: string): string[] | undefined => (/^\d{4}-\d\d-\d\d$/.test(word) ? [word] : undefined);

/** All words of one kind, or undefined where one is of another. */
const each = <T>(words: readonly string[], read: (word: string) => readonly T[] | undefined): T[] | undefined => {
  const found = words.map(read);
  return found.every((values) => values !== undefined) ? found.flat() : undefined;
};

const daysOf = (text: string): Period | undefined => {
  const words = text.split(',');
  const weekdays = each(words, weekdaysOf);
  if (weekdays) return { weekdays: WEEK.filter((day) => weekdays.includes(day)) };
  const nthWeekdays = each(words, nthOf);
  if (nthWeekdays) return { nthWeekdays };
  const monthDays = each(words, monthDayOf);
  if (monthDays) return { monthDays };
  const dates = each(words, dateOf);
  return dates && { dates };
};

const periodOf = (text: string): Period | undefined => {
  const [, which = '', start, stop] = /^(\S+)\s+(\d\d:\d\d)?-(\d\d:\d\d)?$/.exec(text.trim().toLowerCase()) ?? [];
  const days = daysOf(which);
  if (!days || (start === undefined && stop === undefined)) return undefined;
  return { ...days, ...(start === undefined ? {} : { start }), ...(stop === undefined ? {} : { stop }) };
};

/** Collects `mon-fri 09:00-18:00`, option after option. */
export const period = (text: string, before: readonly Period[] = []): Period[] => {
  const read = periodOf(text);
  if (read) return [...before, read];
  throw new InvalidArgumentError(FORM);
};

/** Collects `2026-12-24`, `2026-12-24..2027-01-01`, each with `=what for` where that is said. */
export const closure = (text: string, before: readonly Closure[] = []): Closure[] => {
  const [, from, to, note] = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?(?:=(.+))?$/.exec(text) ?? [];
  if (from === undefined)
    throw new InvalidArgumentError('It is a date, or two with .. between: 2026-12-24..2027-01-01.');
  return [...before, { from, ...(to === undefined ? {} : { to }), ...(note === undefined ? {} : { note }) }];
};

const ordinal = (nth: number): string => Object.entries(NTH).find(([, number]) => number === nth)?.[0] ?? String(nth);

/** Weekdays that follow each other, as a stretch. */
const stretch = (weekdays: readonly Weekday[]): string => {
  const [first, last] = [weekdays[0], weekdays.at(-1)];
  if (weekdays.length === WEEK.length) return 'daily';
  const follow = weekdays.every(
    (day, index) => index === 0 || WEEK.indexOf(day) === WEEK.indexOf(weekdays[index - 1] ?? day) + 1,
  );
  return weekdays.length > 2 && follow ? `${first}-${last}` : weekdays.join(',');
};

/** A period as it would be typed. */
export const periodText = ({ weekdays, nthWeekdays, monthDays, dates, start = '', stop = '' }: Period): string => {
  const days = weekdays
    ? stretch(weekdays)
    : (nthWeekdays?.map(({ nth, weekday }) => `${ordinal(nth)}-${weekday}`) ?? monthDays ?? dates ?? []).join(',');
  return `${days} ${start}-${stop}`;
};
