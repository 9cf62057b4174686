import { InvalidArgumentError } from 'commander';
import type { NewSchedule } from './api.ts';

/** Periods and closed days as people type them; what is written wrong is wrong use. */

type Period = NewSchedule['periods'][number];
type Closure = NonNullable<NewSchedule['closures']>[number];
type Weekday = NonNullable<Period['weekdays']>[number];

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const YEAR = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NTH: Readonly<Record<string, number>> = { '1st': 1, '2nd': 2, '3rd': 3, '4th': 4, '5th': 5, last: -1 };

/** What a period that cannot be read is told. */
export const PERIOD_FORM =
  'It is written <days> <start>-<stop>, such as "mon-fri 09:00-18:00", "daily 22:00-06:00", "sat,sun 10:00-", "1,-1 -20:00", ' +
  '"2nd-mon,last-fri 08:00-12:00", "1 jan,apr,jul,oct 08:00-20:00" or "2026-12-24,2026-12-31 09:00-14:00".';

const isWeekday = (word: string): word is Weekday => WEEK.some((day) => day === word);

/** What lies between two names of a round, both included; from Saturday to Monday, from November to February is one, too. */
const between = <T extends string>(round: readonly T[], word: string): T[] | undefined => {
  const names: readonly string[] = round;
  const [from = '', to = from, ...more] = word.split('-');
  const [first, last] = [names.indexOf(from), names.indexOf(to)];
  if (first < 0 || last < 0 || more.length > 0) return undefined;
  return first <= last ? round.slice(first, last + 1) : [...round.slice(first), ...round.slice(0, last + 1)];
};

const weekdaysOf = (word: string): Weekday[] | undefined => (word === 'daily' ? [...WEEK] : between(WEEK, word));

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

const monthsOf = (text: string | undefined): Pick<Period, 'months'> | undefined => {
  if (text === undefined) return {};
  const names = each(text.split(','), (word) => between(YEAR, word));
  return names && { months: YEAR.flatMap((name, index) => (names.includes(name) ? [index + 1] : [])) };
};

const PERIOD = /^(\S+)(?:\s+([a-z]\S*))?\s+(\d\d:\d\d)?-(\d\d:\d\d)?$/;

/** `cron <start> ; <stop>`, either of which may be left out. */
const cronOf = (text: string): Period | undefined => {
  const [start = '', stop = '', ...more] = text.split(';').map((part) => part.trim());
  if (more.length > 0 || (start === '' && stop === '')) return undefined;
  return { cron: { ...(start === '' ? {} : { start }), ...(stop === '' ? {} : { stop }) } };
};

/** A period as it is typed; nothing where the text is none. */
export const periodOf = (text: string): Period | undefined => {
  const cron = /^cron\s+(.+)$/i.exec(text.trim())?.[1];
  if (cron !== undefined) return cronOf(cron);
  const [, which = '', within, start, stop] = PERIOD.exec(text.trim().toLowerCase()) ?? [];
  const [days, months] = [daysOf(which), monthsOf(within)];
  if (!days || !months || (start === undefined && stop === undefined)) return undefined;
  return { ...days, ...months, ...(start === undefined ? {} : { start }), ...(stop === undefined ? {} : { stop }) };
};

/** Collects `mon-fri 09:00-18:00`, option after option. */
export const period = (text: string, before: readonly Period[] = []): Period[] => {
  const read = periodOf(text);
  if (read) return [...before, read];
  throw new InvalidArgumentError(PERIOD_FORM);
};

/** What closed days that cannot be read are told. */
export const CLOSURE_FORM = 'It is a date, or two with .. between: 2026-12-24..2027-01-01.';

/** `2026-12-24`, `2026-12-24..2027-01-01`, each with `=what for` where that is said; nothing where the text is neither. */
export const closureOf = (text: string): Closure | undefined => {
  const [, from, to, note] = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?(?:=(.+))?$/.exec(text) ?? [];
  if (from === undefined) return undefined;
  return { from, ...(to === undefined ? {} : { to }), ...(note === undefined ? {} : { note }) };
};

/** Collects closed days, option after option. */
export const closure = (text: string, before: readonly Closure[] = []): Closure[] => {
  const read = closureOf(text);
  if (read) return [...before, read];
  throw new InvalidArgumentError(CLOSURE_FORM);
};

/** Closed days as they would be typed. */
export const closureText = ({ from, to, note }: Closure): string =>
  `${from}${to === undefined ? '' : `..${to}`}${note === undefined ? '' : `=${note}`}`;

const ordinal = (nth: number): string => Object.entries(NTH).find(([, number]) => number === nth)?.[0] ?? String(nth);

/** Names that follow each other in their round, as a stretch. */
const stretch = (round: readonly string[], names: readonly string[]): string => {
  const at = names.map((name) => round.indexOf(name));
  const follow = at.every((place, index) => index === 0 || place === (at[index - 1] ?? -1) + 1);
  return names.length > 2 && follow ? `${names[0]}-${names.at(-1)}` : names.join(',');
};

const daysText = ({ weekdays, nthWeekdays, monthDays, dates }: Period): string => {
  if (weekdays) return weekdays.length === WEEK.length ? 'daily' : stretch(WEEK, weekdays);
  return (nthWeekdays?.map(({ nth, weekday }) => `${ordinal(nth)}-${weekday}`) ?? monthDays ?? dates ?? []).join(',');
};

/** A period as it would be typed. */
export const periodText = (period: Period): string => {
  if (period.cron) return `cron ${period.cron.start ?? ''} ; ${period.cron.stop ?? ''}`.trim();
  const { months, start = '', stop = '' } = period;
  const names = months?.map((month) => YEAR[month - 1] ?? String(month));
  return [daysText(period), ...(names ? [stretch(YEAR, names)] : []), `${start}-${stop}`].join(' ');
};
