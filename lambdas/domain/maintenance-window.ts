import * as z from 'zod';
import { Instant, Name, WindowId } from './ids.ts';
import { Period, TIMES } from './period.ts';
import { ProjectId } from './project.ts';
import { comingOpenings, openingsOf, type WindowTimes } from './window-times.ts';

/** When VMs may be disturbed, under a name: what a window is, and what of it stands in its row. When it is open is window-times.ts. */

/** What opens closes again: one without an end would be open for good. */
const OpenPeriod = Period.refine(({ cron }) => cron === undefined, {
  error: 'a window takes days with a start and a stop, and no cron',
  path: ['cron'],
})
  .refine(({ cron, start }) => cron !== undefined || start !== undefined, {
    error: 'a window takes a start and a stop',
    path: ['start'],
  })
  .refine(({ cron, stop }) => cron !== undefined || stop !== undefined, {
    error: 'a window takes a start and a stop',
    path: ['stop'],
  });

const FIELDS = {
  ...TIMES,
  periods: z.array(OpenPeriod).min(1).max(100),
  /** Whether alerts about its VMs are silent while it is open. */
  silence: z.boolean(),
};

/** What a person says of a window. */
export const WindowSpec = z.strictObject({
  ...FIELDS,
  description: FIELDS.description.optional(),
  closures: FIELDS.closures.default([]),
  calendars: FIELDS.calendars.optional(),
  silence: FIELDS.silence.optional(),
});
export type WindowSpec = z.infer<typeof WindowSpec>;

/** Fields of a window that are to be others; what is left out stays, null takes away what may be absent. */
export const WindowChange = z
  .strictObject({
    ...FIELDS,
    description: FIELDS.description.nullable(),
    calendars: FIELDS.calendars.nullable(),
    silence: FIELDS.silence.nullable(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type WindowChange = z.infer<typeof WindowChange>;

/** The row of a window. */
export interface MaintenanceWindow extends WindowSpec {
  readonly id: string;
  readonly project: string;
  readonly by: string;
  readonly createdAt: string;
  readonly version: number;
}

/** An opening as people read it. */
export const Opening = z.strictObject({ from: Instant, until: Instant });

/** A window as it is written down: without what a clock says of it. */
export const WindowSummary = z.strictObject({
  ...WindowSpec.shape,
  id: WindowId,
  project: ProjectId,
  by: z.string(),
  createdAt: Instant,
});
export type WindowSummary = z.infer<typeof WindowSummary>;

/** A window as the API shows it. */
export const WindowView = WindowSummary.extend({
  open: z.boolean(),
  /** When it closes; absent where it is not open, or never closes. */
  until: Instant.optional(),
  /** Its next openings. */
  next: z.array(Opening),
}).meta({ id: 'Window' });
export type WindowView = z.infer<typeof WindowView>;

/** @see WindowSummary */
export const windowSummary = ({ version: _, ...shown }: MaintenanceWindow): WindowSummary => shown;

/** So many openings are shown of a window, and so many of each where several are about one VM. */
const SHOWN = 5;
const SHOWN_OF_EACH = 2;

const instant = (at: number): Instant => new Date(at).toISOString();

/** @see WindowView */
export const windowView = ({ holidays, ...window }: MaintenanceWindow & WindowTimes, at: number): WindowView => {
  const { now, next } = openingsOf({ ...window, holidays }, at, SHOWN);
  return {
    ...windowSummary(window),
    open: now !== undefined,
    ...(now?.until === undefined ? {} : { until: instant(now.until) }),
    next: next.map(({ from, until }) => ({ from: instant(from), until: instant(until) })),
  };
};

/** An opening of a window that is about a VM: it may be disturbed then. */
export const Disturbance = Opening.extend({
  window: z.strictObject({ id: WindowId, name: Name, timeZone: z.string() }),
});

/** The coming openings of windows, two of each, one that is open now first. */
export const disturbances = (
  windows: readonly (MaintenanceWindow & WindowTimes)[],
  at: number,
): z.infer<typeof Disturbance>[] =>
  comingOpenings(windows, at, SHOWN_OF_EACH).map(({ window: { id, name, timeZone }, from, until }) => ({
    from: instant(from),
    until: instant(until),
    window: { id, name, timeZone },
  }));

/** The window once this is changed. */
export const changedWindow = (before: MaintenanceWindow, change: WindowChange): MaintenanceWindow => {
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const { id, project, by, createdAt, version, ...spec } = before;
  const kept = Object.entries({ ...spec, ...Object.fromEntries(said) }).filter(([, value]) => value !== null);
  return { ...WindowSpec.parse(Object.fromEntries(kept)), id, project, by, createdAt, version };
};
