import { Temporal } from 'temporal-polyfill';

/**
 * Dates and times as people write them, and the instants they mean in a time zone: the only file that knows Temporal, so
 * that Node's own takes over by one import once Lambda has it. Instants are epoch milliseconds here.
 */
const DAY_MS = 86_400_000;

/** A day of the calendar with what periods ask about it. */
export interface Day {
  /** `2027-03-28`. */
  readonly date: string;
  /** 1 is Monday, 7 is Sunday (ISO 8601). */
  readonly weekday: number;
  /** 1 to 31. */
  readonly day: number;
  readonly daysInMonth: number;
}

const dayOf = (date: Temporal.PlainDate): Day => ({
  date: date.toString(),
  weekday: date.dayOfWeek,
  day: date.day,
  daysInMonth: date.daysInMonth,
});

/** The day that it is in this zone at this instant. */
export const dayAt = (zone: string, at: number): Day =>
  dayOf(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate());

/** The day some days later, or earlier. */
export const dayAfter = ({ date }: Day, days: number): Day => dayOf(Temporal.PlainDate.from(date).add({ days }));

const wallAt = (date: string, time: string): Temporal.PlainDateTime =>
  time === '24:00'
    ? Temporal.PlainDate.from(date).add({ days: 1 }).toPlainDateTime()
    : Temporal.PlainDateTime.from(`${date}T${time}`);

/**
 * When a clock on the wall shows this time. Where clocks are put forward over it: the moment they are. Where they show it
 * twice: the one that is asked for. `24:00` is the end of the day.
 */
export const instantOf = (zone: string, date: string, time: string, twice: 'earlier' | 'later'): number => {
  const wall = wallAt(date, time);
  const met = wall.toZonedDateTime(zone, { disambiguation: twice });
  if (met.toPlainDateTime().equals(wall)) return met.epochMilliseconds;
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? met.epochMilliseconds;
};

/** Whether this is a time zone by IANA's database as this runtime knows it. */
export const isTimeZone = (name: string): boolean => {
  try {
    return (
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId !== '' && /[A-Za-z]/.test(name)
    );
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
