/** As long as a name of a day is kept, in characters. */
export const LONGEST_NAME = 60;

/** Why no period begins on a date, as people read it; undefined where one may. */
export type Holidays = (date: string) => string | undefined;

/** What of a calendar says which days are closed. */
export interface Closing {
  readonly name: string;
  readonly dates: readonly {
    readonly from: string;
    readonly to?: string | undefined;
    readonly note?: string | undefined;
  }[];
  readonly open: readonly string[];
  /** `2026-10-03 Tag der Deutschen Einheit`. */
  readonly feedDays?: readonly string[];
  readonly countryDays?: readonly string[];
}

/** Of a schedule that refers to no calendar. */
export const NO_HOLIDAYS: Holidays = () => undefined;

/** A day with its name, in one short text: a row has 400 kB, and a function reads it each time a schedule runs. */
const DATE_LENGTH = '2026-10-03'.length;

/** A name of a day that somebody else wrote, as it may stand in a row and be printed. */
export const dayNamed = (date: string, name: string): string => {
  const plain = name
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .replace(/\{\{|\}\}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return `${date} ${Array.from(plain).slice(0, LONGEST_NAME).join('').trim()}`.trim();
};

const dateOf = (day: string): string => day.slice(0, DATE_LENGTH);

/** What one calendar calls each of its days, '' where nothing; of two that call a day, its own dates first, then its country. */
export const namesOf = ({ dates, open, feedDays = [], countryDays = [] }: Closing): Holidays => {
  const opened = new Set(open);
  const named = new Map([...feedDays, ...countryDays].map((day) => [dateOf(day), day.slice(DATE_LENGTH + 1)]));
  return (date) => {
    if (opened.has(date)) return undefined;
    const own = dates.find(({ from, to = from }) => from <= date && date <= to);
    return own ? (own.note ?? '') : named.get(date);
  };
};

/** What several calendars come to: the first that has a day names it, `Tag der Deutschen Einheit (feiertage)`. */
export const holidaysOf = (calendars: readonly Closing[]): Holidays => {
  const all = calendars.map((calendar) => ({ calendar, nameOf: namesOf(calendar) }));
  return (date) => {
    for (const { calendar, nameOf } of all) {
      const name = nameOf(date);
      if (name !== undefined) return name === '' ? calendar.name : `${name} (${calendar.name})`;
    }
    return undefined;
  };
};

export const DAY_MS = 86_400_000;
export const isoDate = (at: number): string => new Date(at).toISOString().slice(0, DATE_LENGTH);

/**
 * Of which days a row keeps the names: "what is wanted now" looks back over a year for the last time that came, a preview
 * ahead for one, and a feed that is down for months must not run out.
 */
export const windowAt = (now: number): readonly [from: string, to: string] => [
  isoDate(now - 400 * DAY_MS),
  isoDate(now + 800 * DAY_MS),
];

/** Hours by which some place on earth is ahead of UTC. */
const FARTHEST_EAST_MS = 14 * 3_600_000;

/**
 * What a feed comes to now. A day that has begun anywhere stays as it was: what began on it would otherwise lose its end, and
 * run on for nobody. `before` is absent where it is read for the first time.
 */
export const settledDays = (before: readonly string[] | undefined, read: readonly string[], now: number): string[] => {
  if (before === undefined) return [...read];
  const today = isoDate(now + FARTHEST_EAST_MS);
  const [from] = windowAt(now);
  return [
    ...before.filter((day) => from <= dateOf(day) && dateOf(day) <= today),
    ...read.filter((day) => dateOf(day) > today),
  ];
};
