import * as z from 'zod';
import { DAY_MS, isoDate, LONGEST_NAME, namesOf } from './holidays.ts';
import { CalendarId, Instant, Name } from './ids.ts';
import { PlainText } from './plain-text.ts';
import { ProjectId } from './project.ts';

/** Days on which nothing begins, under a name: what a calendar is, and what of it stands in its row. What it comes to is holidays.ts. */

const CalendarDate = z.iso.date();

/** A stretch of days of a calendar's own, both ends included; one day where `to` is left out. */
export const OwnDays = z
  .strictObject({ from: CalendarDate, to: CalendarDate.optional(), note: PlainText(LONGEST_NAME).optional() })
  .refine(({ from, to = from }) => from <= to, { error: 'ends before it begins', path: ['to'] });

/** Whoever may read the feed may read it by its URL: it is shown to the project's people, and kept where the row is. */
const FeedUrl = PlainText(2048);

/** ISO 3166: a country, or a part of one. */
const Country = z
  .string()
  .regex(/^[A-Z]{2}(-[A-Z0-9]{1,6}){0,2}$/, 'a country is written as ISO 3166 does: DE, or DE-BY');

const FIELDS = {
  name: Name,
  description: PlainText(500),
  /** Its own days. */
  dates: z.array(OwnDays).max(500),
  /** Days of it that do not count: what its feed or country calls a holiday, and here is none. */
  open: z.array(CalendarDate).max(500),
  /** An iCal feed, by its https URL. */
  feed: FeedUrl,
  /** The public holidays of a country, or of a part of one. */
  country: Country,
};

const isFilled = ({ dates = [], feed, country }: { dates?: unknown[]; feed?: unknown; country?: unknown }): boolean =>
  dates.length > 0 || (feed ?? undefined) !== undefined || (country ?? undefined) !== undefined;

const within = (date: string, { from, to = from }: z.infer<typeof OwnDays>): boolean => from <= date && date <= to;

type Dates = z.infer<typeof OwnDays>[];
/** Where its own days and its open ones contradict each other. */
const contradiction = ({ dates, open }: { dates: Dates; open: string[] }): number =>
  open.findIndex((date) => dates.some((days) => within(date, days)));

const refuseContradiction = (spec: { dates: Dates; open: string[] }, context: z.core.$RefinementCtx): void => {
  const index = contradiction(spec);
  if (index >= 0)
    context.addIssue({ code: 'custom', message: 'is one of its dates, and cannot be open too', path: ['open', index] });
};

/** What a person says of a calendar. */
export const CalendarSpec = z
  .strictObject({
    ...FIELDS,
    description: FIELDS.description.optional(),
    dates: FIELDS.dates.default([]),
    open: FIELDS.open.default([]),
    feed: FIELDS.feed.optional(),
    country: FIELDS.country.optional(),
  })
  .refine(isFilled, { error: 'takes dates, a feed, a country, or some of these; without any it has no day' })
  .superRefine(refuseContradiction);
export type CalendarSpec = z.infer<typeof CalendarSpec>;

/** Fields of a calendar that are to be others; what is left out stays, and null takes a description, a feed or a country away. */
export const CalendarChange = z
  .strictObject({
    ...FIELDS,
    description: FIELDS.description.nullable(),
    feed: FIELDS.feed.nullable(),
    country: FIELDS.country.nullable(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type CalendarChange = z.infer<typeof CalendarChange>;

const Whole = z.object({ body: CalendarSpec });

/** What is said of a calendar once this is changed, judged as a whole. @throws z.ZodError, as for a new one */
export const changedSpec = (before: CalendarSpec, change: CalendarChange): CalendarSpec => {
  const { name, description, dates, open, feed, country } = before;
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = { name, description, dates, open, feed, country, ...Object.fromEntries(said) };
  const kept = Object.entries(merged).filter(([, value]) => value !== undefined && value !== null);
  return Whole.parse({ body: Object.fromEntries(kept) }).body;
};

/** How it went with a feed. */
export const FeedState = z.strictObject({
  /** When it was last asked, and when it last answered with a calendar that could be read, or said that it is unchanged. */
  checkedAt: Instant,
  readAt: Instant,
  /** How many events it has. */
  events: z.number().int(),
  /** Events with times of day, which close no day. */
  ignored: z.number().int(),
  /** What is wrong with it, and since when; what was last read counts on. */
  fault: z
    .strictObject({ name: z.string(), detail: z.string(), since: Instant, toldAt: Instant.optional() })
    .optional(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
});
export type FeedState = z.infer<typeof FeedState>;

/** The row of a calendar. */
export interface Calendar extends CalendarSpec {
  readonly id: string;
  readonly project: string;
  /** What its feed and its country came to, for the days that schedules ask about: `2026-10-03 Tag der Deutschen Einheit`. */
  readonly feedDays?: readonly string[];
  readonly countryDays?: readonly string[];
  readonly feedState?: FeedState;
  /** When its feed is to be asked again, and its country's days are to be reckoned on; absent where it has own dates only. */
  readonly dueAt?: string;
  readonly by: string;
  readonly createdAt: string;
  readonly version: number;
}

const NamedDay = z.strictObject({ date: CalendarDate, name: z.string() });

/** A calendar as a list shows it. */
export const CalendarSummary = z
  .strictObject({
    ...CalendarSpec.shape,
    id: CalendarId,
    project: ProjectId,
    feedState: FeedState.omit({ etag: true, lastModified: true }).optional(),
    by: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'CalendarSummary' });
export type CalendarSummary = z.infer<typeof CalendarSummary>;

/** A calendar as the API shows it, with the days that it closes in the year to come. */
export const CalendarView = CalendarSummary.extend({ days: z.array(NamedDay) }).meta({ id: 'Calendar' });
export type CalendarView = z.infer<typeof CalendarView>;

/** @see CalendarSummary */
export const calendarSummary = ({
  version: _,
  dueAt: __,
  feedDays: ___,
  countryDays: ____,
  feedState,
  ...shown
}: Calendar): CalendarSummary => {
  if (!feedState) return shown;
  const { etag: _____, lastModified: ______, ...state } = feedState;
  return { ...shown, feedState: state };
};

/** How far ahead the days of a calendar are shown. */
const SHOWN_DAYS = 366;

/** @see CalendarView */
export const calendarView = (calendar: Calendar, now: number): CalendarView => {
  const nameOf = namesOf(calendar);
  const days = Array.from({ length: SHOWN_DAYS }, (_, index) => isoDate(now + index * DAY_MS)).flatMap((date) => {
    const name = nameOf(date);
    return name === undefined ? [] : [{ date, name }];
  });
  return { ...calendarSummary(calendar), days };
};
