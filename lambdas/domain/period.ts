import * as z from 'zod';
import { parseCron } from './cron.ts';
import { CalendarId, Name, VmId } from './ids.ts';
import { PlainText } from './plain-text.ts';

/** Days, times of the day and VMs, as schedules and windows both say them. How they unfold in time is spans.ts. */

const WallTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, 'HH:MM, 00:00 to 24:00');
/** A time of the day, as clocks on the wall show it. */
export const StartTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'HH:MM, 00:00 to 23:59');
const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;
const CalendarDate = z.iso.date();

/** From the end of the month where it is negative: -1 is the last. */
const MonthDay = z.union([z.number().int().min(1).max(31), z.number().int().min(-31).max(-1)]);
const NthWeekday = z.strictObject({
  nth: z.union([z.number().int().min(1).max(5), z.literal(-1)]),
  weekday: Weekday,
});

/** @see parseCron */
const CronText = PlainText(200).superRefine((text, context) => {
  try {
    parseCron(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'it cannot be read' });
  }
});

/** When they are started, and when stopped: moments, which belong to each other no further. */
const CronTimes = z
  .strictObject({ start: CronText.optional(), stop: CronText.optional() })
  .refine(({ start, stop }) => start !== undefined || stop !== undefined, { error: 'takes a start, a stop, or both' });

const SELECTORS = ['weekdays', 'nthWeekdays', 'monthDays', 'dates', 'cron'] as const;

/** Of an ordinary year: what comes on the 29th of February alone is a date. */
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const hasDay = ({ months, monthDays }: { months?: number[] | undefined; monthDays?: number[] | undefined }): boolean =>
  months === undefined ||
  monthDays === undefined ||
  months.some((month) => monthDays.some((day) => Math.abs(day) <= (DAYS_IN_MONTH[month - 1] ?? 0)));

/**
 * Days, and from when to when VMs shall be up on them. A stop at or before its start is of the day after. Without a stop VMs
 * are only started, without a start only stopped.
 */
export const Period = z
  .strictObject({
    weekdays: z.array(Weekday).min(1).max(7).optional(),
    nthWeekdays: z.array(NthWeekday).min(1).max(42).optional(),
    monthDays: z.array(MonthDay).min(1).max(62).optional(),
    dates: z.array(CalendarDate).min(1).max(366).optional(),
    cron: CronTimes.optional(),
    /** Only in these months, 1 is January; without it in all. */
    months: z.array(z.number().int().min(1).max(12)).min(1).max(12).optional(),
    start: StartTime.optional(),
    stop: WallTime.optional(),
  })
  .refine((period) => SELECTORS.filter((name) => period[name] !== undefined).length === 1, {
    error: `takes exactly one of ${SELECTORS.join(', ')}`,
  })
  .refine(({ cron, start, stop }) => cron !== undefined || start !== undefined || stop !== undefined, {
    error: 'takes a start, a stop, or both',
  })
  .refine(({ cron, start, stop, months }) => cron === undefined || (start ?? stop ?? months) === undefined, {
    error: 'says its times and months itself',
    path: ['cron'],
  })
  .refine(({ start, stop }) => start === undefined || start !== stop, {
    error: 'a period that stops when it starts is none; 00:00 to 24:00 is a whole day',
    path: ['stop'],
  })
  .refine(({ dates, months }) => dates === undefined || months === undefined, {
    error: 'a date has its month',
    path: ['months'],
  })
  .refine(hasDay, { error: 'none of these months has such a day', path: ['months'] });
export type Period = z.infer<typeof Period>;

/** Days on which no period begins but one that names its dates: a shutdown, a holiday. What began the day before still ends. */
export const Closure = z
  .strictObject({ from: CalendarDate, to: CalendarDate.optional(), note: PlainText(200).optional() })
  .refine(({ from, to = from }) => from <= to, { error: 'ends before it begins', path: ['to'] });
export type Closure = z.infer<typeof Closure>;

/** VMs by their ids, by a filter, or both: whichever are one or the other when their time comes. */
export const Targets = z
  .strictObject({
    vms: z.array(VmId).min(1).max(500).optional(),
    /** As lists take it: `tag:env=dev&provider=kvm`. */
    filter: PlainText(4096).optional(),
  })
  .refine(({ vms, filter }) => vms !== undefined || filter !== undefined, {
    error: 'takes vms, a filter, or both; what is for no VM is nothing, and what is for all must say so by a filter',
  });
export type Targets = z.infer<typeof Targets>;

/** What schedules and windows both say of themselves. */
export const TIMES = {
  name: Name,
  description: PlainText(500),
  targets: Targets,
  /** By IANA's name, e.g. Europe/Berlin. */
  timeZone: z.string().regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'a time zone is named as IANA does: Europe/Berlin'),
  periods: z.array(Period).min(1).max(100),
  closures: z.array(Closure).max(1000),
  /** Calendars whose days are closed, too. */
  calendars: z.array(CalendarId).max(10),
};
