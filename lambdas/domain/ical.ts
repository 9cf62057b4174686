import ICAL from 'ical.js';
import { RRuleTemporal } from 'rrule-temporal';
import { Fault } from './faults.ts';
import { dayNamed } from './holidays.ts';

/**
 * Reads iCal (RFC 5545): which days its events close. Only read-feed's thread runs it, for what somebody else has written may
 * keep a parser busy for as long as it likes.
 */

/** More is refused, and named so. */
export const MOST_EVENTS = 10_000;
export const MOST_DAYS = 1_000;

/** A rule that needs more steps than this, from its start to the end of the window, is none of holidays. */
const MOST_STEPS = 100_000;

const DAY_MS = 86_400_000;

/** What a feed comes to. */
export interface FeedDays {
  /** `2026-10-03 Tag der Deutschen Einheit`, in order, each date once. */
  readonly days: readonly string[];
  readonly events: number;
  /** Events that cover no whole day, and close none. */
  readonly ignored: number;
}

type Window = readonly [from: string, to: string];

const unusable = (detail: string): Fault =>
  new Fault('FeedUnusable', detail, { errors: [{ pointer: '/feed', detail }] });

const midnight = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const dateAt = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What a clock shows in a zone, as if it were UTC: only whole days count here, and they are the clock's. */
const shownIn = (zone: string, at: number): number => {
  try {
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
      at,
    );
    return Date.parse(`${shown.replace(' ', 'T')}Z`);
  } catch {
    return at;
  }
};

/** A time as its own clock shows it; one in UTC as the feed's clock does, where the feed names its zone. */
const wallOf = (time: ICAL.Time, zone: string | undefined): number => {
  const { year, month, day, hour, minute, second } = time;
  const wall = Date.UTC(
    year,
    month - 1,
    day,
    time.isDate ? 0 : hour,
    time.isDate ? 0 : minute,
    time.isDate ? 0 : second,
  );
  return !time.isDate && zone !== undefined && time.zone === ICAL.Timezone.utcTimezone ? shownIn(zone, wall) : wall;
};

const timesIn = (event: ICAL.Component, name: string): ICAL.Time[] =>
  event
    .getAllProperties(name)
    .flatMap((property) => property.getValues())
    .filter((value) => value instanceof ICAL.Time);

const timeIn = (event: ICAL.Component, name: string): ICAL.Time | undefined => timesIn(event, name)[0];

/** Where an event begins and ends by its clock. Without an end, a day lasts a day and a moment none. */
const boundsOf = (event: ICAL.Component, zone: string | undefined): readonly [number, number] | undefined => {
  const start = timeIn(event, 'dtstart');
  if (!start) return undefined;
  const from = wallOf(start, zone);
  const end = timeIn(event, 'dtend');
  if (end) return [from, wallOf(end, zone)];
  const duration = event.getFirstPropertyValue('duration');
  if (duration instanceof ICAL.Duration) return [from, from + duration.toSeconds() * 1000];
  return [from, start.isDate ? from + DAY_MS : from];
};

/** The last second, or minute, of a day is its end for programs that know no other. */
const ALMOST_MS = 60_000;

/** The first of the whole days that an event covers, and how many they are. */
const wholeDays = ([from, to]: readonly [number, number]): readonly [first: number, count: number] => {
  const first = Math.ceil(from / DAY_MS) * DAY_MS;
  return [first, Math.floor((to + ALMOST_MS - first) / DAY_MS)];
};

/** Where its rule lets it begin again. @throws Fault FeedUnusable where the rule has no end of steps */
const recurrences = (rule: ICAL.Recur, first: number, [from, to]: readonly [number, number]): number[] => {
  const start = `${dateAt(first).replaceAll('-', '')}T000000`;
  try {
    const rrule = new RRuleTemporal({
      rruleString: `DTSTART;TZID=UTC:${start}\nRRULE:${rule.toString()}`,
      maxIterations: MOST_STEPS,
      includeDtstart: true,
    });
    return rrule.between(new Date(from), new Date(to), true).map(({ epochMilliseconds }) => epochMilliseconds);
  } catch (cause) {
    throw unusable(
      `a rule of an event cannot be followed: ${rule.toString().slice(0, 100)} (${String(cause).slice(0, 100)})`,
    );
  }
};

const SUB_DAILY = ['HOURLY', 'MINUTELY', 'SECONDLY'];

/** Each first day of an event within the window: its own, those of its rule and its further dates, less those left out. */
const startsOf = (event: ICAL.Component, first: number, bounds: readonly [number, number]): number[] => {
  const rules = event
    .getAllProperties('rrule')
    .map((property) => property.getFirstValue())
    .filter((value) => value instanceof ICAL.Recur);
  const more = timesIn(event, 'rdate').map((time) => midnight(dateAt(wallOf(time, undefined))));
  const ruled = rules
    .filter(({ freq }) => !SUB_DAILY.includes(freq))
    .flatMap((rule) => recurrences(rule, first, bounds));
  return [...(rules.length === 0 ? [first] : ruled), ...more];
};

interface Reading {
  readonly window: Window;
  readonly zone: string | undefined;
  /** Of each event that recurs, the days that stand as events of their own. */
  readonly replaced: ReadonlyMap<string, ReadonlySet<string>>;
}

const textOf = (event: ICAL.Component, name: string): string => String(event.getFirstPropertyValue(name) ?? '');

/** The dates that an event closes; undefined where it covers no whole day. */
const datesOf = (event: ICAL.Component, { window, zone, replaced }: Reading): string[] | undefined => {
  const bounds = boundsOf(event, zone);
  if (!bounds) return undefined;
  const [first, count] = wholeDays(bounds);
  if (count < 1) return undefined;
  const [from, to] = [midnight(window[0]), midnight(window[1])];
  const out = new Set(timesIn(event, 'exdate').map((time) => dateAt(wallOf(time, zone))));
  const own = timeIn(event, 'recurrence-id') ? undefined : replaced.get(textOf(event, 'uid'));
  return startsOf(event, first, [from - count * DAY_MS, to])
    .filter((start) => !out.has(dateAt(start)) && !own?.has(dateAt(start)))
    .flatMap((start) => {
      const [begin, end] = [Math.max(start, from), Math.min(start + (count - 1) * DAY_MS, to)];
      return Array.from({ length: Math.max(0, Math.floor((end - begin) / DAY_MS) + 1) }, (_, index) =>
        dateAt(begin + index * DAY_MS),
      );
    });
};

/** @throws Fault FeedUnusable */
const parsed = (text: string): ICAL.Component[] => {
  try {
    const read: unknown = ICAL.parse(text);
    // Of several calendars in one text it makes a list of lists.
    const all = Array.isArray(read) && Array.isArray(read[0]) ? read : [read];
    const calendars = all.map((jcal) => new ICAL.Component(jcal));
    if (calendars.every(({ name }) => name === 'vcalendar')) return calendars;
  } catch (cause) {
    throw unusable(`it is no iCal: ${String(cause instanceof Error ? cause.message : cause).slice(0, 200)}`);
  }
  throw unusable('it is no iCal: it does not begin with BEGIN:VCALENDAR');
};

const zoneOf = (calendar: ICAL.Component): string | undefined => textOf(calendar, 'x-wr-timezone') || undefined;

const replacedIn = (events: readonly ICAL.Component[], zone: string | undefined): Map<string, Set<string>> => {
  const replaced = new Map<string, Set<string>>();
  for (const event of events) {
    const id = timeIn(event, 'recurrence-id');
    if (!id) continue;
    const uid = textOf(event, 'uid');
    replaced.set(uid, (replaced.get(uid) ?? new Set()).add(dateAt(wallOf(id, zone))));
  }
  return replaced;
};

const isCancelled = (event: ICAL.Component): boolean => textOf(event, 'status').toUpperCase() === 'CANCELLED';

/**
 * Which days a feed closes within a window. An event closes each day that it covers from midnight to midnight by its own
 * clock; one with times of day closes none. @throws Fault FeedUnusable, saying why
 */
export const daysOfFeed = (text: string, window: Window): FeedDays => {
  const named = new Map<string, string>();
  let [count, ignored] = [0, 0];
  for (const calendar of parsed(text)) {
    const events = calendar.getAllSubcomponents('vevent');
    count += events.length;
    if (count > MOST_EVENTS) throw unusable(`it has more than ${MOST_EVENTS} events`);
    const zone = zoneOf(calendar);
    const reading: Reading = { window, zone, replaced: replacedIn(events, zone) };
    for (const event of events.filter((each) => !isCancelled(each))) {
      const dates = datesOf(event, reading);
      if (!dates) ignored += 1;
      for (const date of dates ?? []) if (!named.has(date)) named.set(date, dayNamed(date, textOf(event, 'summary')));
    }
  }
  if (named.size > MOST_DAYS) throw unusable(`it closes more than ${MOST_DAYS} days of some three years`);
  return { days: [...named.values()].sort(), events: count, ignored };
};
