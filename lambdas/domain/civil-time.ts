import * as Instant from 'temporal-polyfill/fns/Instant';
import * as PlainDate from 'temporal-polyfill/fns/PlainDate';
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';

/**
 * Dates and times as people write them, and the instants they mean in a time zone: the only file that knows Temporal (in
 * functions, of which a bundle keeps those that are called), so that Node's own takes over here once Lambda has it. Instants
 * are epoch milliseconds.
 */
const DAY_MS = 86_400_000;

/** A day of the calendar with what periods ask about it. */
export interface Day {
  /** `2027-03-28`. */
  readonly date: string;
  /** 1 is Monday, 7 is Sunday (ISO 8601). */
  readonly weekday: number;
  /** 1 is January. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly daysInMonth: number;
}

const dayOf = (date: PlainDate.Record): Day => ({
  date: PlainDate.toString(date),
  weekday: PlainDate.dayOfWeek(date),
  month: date.month,
  day: date.day,
  daysInMonth: PlainDate.daysInMonth(date),
});

const zoned = (zone: string, at: number): ZonedDateTime.Record =>
  Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(at), zone);

/** The day that it is in this zone at this instant. */
export const dayAt = (zone: string, at: number): Day => dayOf(ZonedDateTime.toPlainDate(zoned(zone, at)));

/** The minute of the day that clocks show in this zone at this instant. */
export const minuteAt = (zone: string, at: number): number => {
  const { hour, minute } = ZonedDateTime.toPlainTime(zoned(zone, at));
  return hour * 60 + minute;
};

const dateOf = (date: string): PlainDate.Record => {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return PlainDate.create(year, month, day);
};

/** The day some days later, or earlier. */
export const dayAfter = ({ date }: Day, days: number): Day => dayOf(PlainDate.addDays(dateOf(date), days));

const wallAt = (date: string, time: string): PlainDateTime.Record => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return PlainDateTime.addMinutes(PlainDate.toPlainDateTime(dateOf(date)), hours * 60 + minutes);
};

/**
 * When a clock on the wall shows this time. Where clocks are put forward over it: the moment they are. Where they show it
 * twice: the one that is asked for. `24:00` is the end of the day.
 */
export const instantOf = (zone: string, date: string, time: string, twice: 'earlier' | 'later'): number => {
  const wall = wallAt(date, time);
  const met = PlainDateTime.toZonedDateTime(wall, zone, { disambiguation: twice });
  if (PlainDateTime.equals(ZonedDateTime.toPlainDateTime(met), wall)) return met.epochMilliseconds;
  const before = PlainDateTime.toZonedDateTime(wall, zone, { disambiguation: 'earlier' });
  return ZonedDateTime.getTimeZoneTransition(before, 'next')?.epochMilliseconds ?? met.epochMilliseconds;
};

/** Whether this is a time zone by IANA's database as this runtime knows it; an offset is none. */
export const isTimeZone = (name: string): boolean => {
  try {
    return /[A-Za-z]/.test(name) && zoned(name, 0) !== undefined;
  } catch {
    return false;
  }
};

/** Every day from one to another, both included. */
export function* daysFrom(zone: string, from: number, to: number): Generator<Day> {
  const last = dayAt(zone, to).date;
  for (let day = dayAt(zone, from); day.date <= last; day = dayAfter(day, 1)) yield day;
}

/** Midnight of some days later, roughly: for bounds of a search, never for what people asked for. */
export const daysLater = (at: number, days: number): number => at + days * DAY_MS;
