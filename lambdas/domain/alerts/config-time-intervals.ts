import * as z from 'zod';
import { isTimeZone } from '../civil-time.ts';
import { fields, fieldsOrNone, items, maybe, scalar, text } from './config-fields.ts';
import type { Range } from './time-intervals.ts';

/** How time intervals are written: `monday:friday`, `1:7`, `-1`, `may:june`, `2026:2027`. What they mean is time-intervals.ts. */
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const numberOf = (word: string, what: string): number => {
  if (!/^[-+]?\d{1,9}$/.test(word)) throw new Error(`${word} is not a valid ${what}`);
  return Number(word);
};

const range = (member: (word: string) => number, check: (range: Range) => string | undefined) =>
  scalar<Range>({ begin: 0, end: 0 }, ({ text }) => {
    const words = text.toLowerCase().split(':');
    if (words.length > 2) throw new Error(`couldn't parse range ${text}, invalid format`);
    const [begin = 0, end = begin] = words.map(member);
    const wrong = check({ begin, end });
    if (wrong !== undefined) throw new Error(wrong);
    return { begin, end };
  });

const weekday = (word: string): number => {
  const day = WEEKDAYS.indexOf(word);
  if (day < 0) throw new Error(`${word} is not a valid weekday`);
  return day;
};

const month = (word: string): number => MONTHS.indexOf(word) + 1 || numberOf(word, 'month');

const backwards =
  (what: string) =>
  ({ begin, end }: Range) =>
    begin > end ? `end ${what} is before start ${what}` : undefined;

/** Days from the end of the month are negative; a month of 28 days tells whether a range can ever be one. */
const wrongDays = ({ begin, end }: Range): string | undefined => {
  const beyond = [begin, end].find((day) => day === 0 || Math.abs(day) > 31);
  if (beyond !== undefined) return `${beyond} is not a valid day of the month: out of range`;
  if (begin < 0 && end > 0) return 'end day must be negative if start day is negative';
  const [first = 0, last = 0] = [begin, end].map((day) => (day < 0 ? 28 + day : day));
  return first > last ? `end day ${end} is always before start day ${begin}` : undefined;
};

const minutesOf = (time: string): number => {
  if (!/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(time))
    throw new Error(`couldn't parse timestamp ${time}, invalid format`);
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** Minutes of a day; the end is no part of it. */
const TimeRange = fields({ start_time: text.default(''), end_time: text.default('') }).transform(
  ({ start_time, end_time }, context): Range => {
    try {
      if (start_time === '' || end_time === '') throw new Error('both start and end times must be provided');
      const times = { begin: minutesOf(start_time), end: minutesOf(end_time) };
      if (times.begin >= times.end) throw new Error('start time cannot be equal or greater than end time');
      return times;
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  },
);

const location = scalar<string | undefined>(undefined, ({ text }) => {
  // Where Alertmanager runs it is some time; here it is UTC.
  if (text === '' || text === 'Local') return 'UTC';
  if (!isTimeZone(text)) throw new Error(`unknown time zone ${text}`);
  return text;
});

/** Nothing is an interval of which nothing is said. */
export const TimeInterval = fieldsOrNone({
  times: maybe(items(TimeRange)),
  weekdays: maybe(items(range(weekday, backwards('day')))),
  days_of_month: maybe(items(range((word) => numberOf(word, 'day of the month'), wrongDays))),
  months: maybe(items(range(month, backwards('month')))),
  years: maybe(items(range((word) => numberOf(word, 'year'), backwards('year')))),
  location: location.optional(),
});
