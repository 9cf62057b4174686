import * as z from 'zod';
import { Instant } from './ids.ts';
import { closedDays, type Plan, type PlannedTime, plannedAt, plannedTimes } from './planned-times.ts';
import { Price, type PriceBook } from './price.ts';
import { runningPrice } from './running-price.ts';
import { type Schedule, Want } from './schedule.ts';
import { holdersOf } from './schedule-cover.ts';
import type { Vm } from './vm.ts';
import type { VmGroup } from './vm-group.ts';

const HOUR_MS = 3_600_000;

const Ref = z.strictObject({ id: z.string(), name: z.string() });

/** A planned time as people read it. */
export const Moment = z.strictObject({ at: Instant, want: Want, because: z.string() });

/** What a schedule will do, to which VMs, and what it saves against VMs that are always on. */
export const SchedulePreview = z
  .strictObject({
    from: Instant,
    to: Instant,
    /** What it wants at `from`; absent where none of its times has come yet. */
    now: z.strictObject({ want: Want, since: Instant, because: z.string() }).optional(),
    times: z.array(Moment),
    /** Days on which a period would begin, and which holiday or closure keeps it from that. */
    closed: z.array(z.strictObject({ date: z.iso.date(), because: z.string() })),
    hoursUp: z.number(),
    hoursDown: z.number(),
    vms: z.array(
      Ref.extend({
        price: Price,
        /** Of what is saved by being off; null where no price is known. Disks are paid for whether it runs or not. */
        savesUsd: z.number().nullable(),
        /** Schedules that cover it too, and stand back. */
        behind: z.array(Ref),
      }),
    ),
    /** Covered by this schedule too, and held by another of higher rank. */
    held: z.array(Ref.extend({ by: Ref.extend({ priority: z.number() }) })),
    savesUsd: z.number(),
  })
  .meta({ id: 'SchedulePreview' });
export type SchedulePreview = z.infer<typeof SchedulePreview>;

const instant = (at: number): Instant => new Date(at).toISOString();
/** @see Moment */
export const momentOf = ({ at, want, because }: PlannedTime): z.infer<typeof Moment> => ({
  at: instant(at),
  want,
  because,
});

const refOf = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name });
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** How long VMs are wanted up, and down, between two moments. What is not wanted either way counts for neither. */
export const hoursOf = (
  begins: PlannedTime | undefined,
  times: readonly PlannedTime[],
  [from, to]: readonly [number, number],
): Record<Want, number> => {
  const hours = { up: 0, down: 0 };
  const marks = [...(begins ? [{ ...begins, at: from }] : []), ...times];
  for (const [index, { at, want }] of marks.entries()) hours[want] += ((marks[index + 1]?.at ?? to) - at) / HOUR_MS;
  return hours;
};

/** What is asked about, beside the schedule: all schedules of its project, and all VMs. */
export interface Scene {
  readonly schedules: readonly Schedule[];
  readonly vms: readonly Vm[];
  /** Those that the schedules' filters are about. */
  readonly groups: readonly VmGroup[];
  readonly book: PriceBook;
}

/** @see SchedulePreview */
export const previewOf = (
  schedule: Schedule & Plan,
  scene: Scene,
  range: readonly [number, number],
): SchedulePreview => {
  const [from, to] = range;
  const begins = plannedAt(schedule, from);
  const times = plannedTimes(schedule, from, to);
  const hours = hoursOf(begins, times, range);
  // One that is turned off is shown as it will be once it is on.
  const others = scene.schedules.filter(({ id }) => id !== schedule.id);
  const holders = holdersOf([...others, { ...schedule, enabled: true }], scene.vms, scene.groups);
  const vms = holders
    .filter((holder) => holder.schedule.id === schedule.id)
    .map(({ vm, behind }) => {
      const price = runningPrice(vm, scene.book);
      const savesUsd = price.hourlyUsd === null ? null : rounded(price.hourlyUsd * hours.down);
      return { ...refOf(vm), price, savesUsd, behind: behind.map(refOf) };
    });
  const held = holders
    .filter(({ behind }) => behind.some(({ id }) => id === schedule.id))
    .map(({ vm, schedule: by }) => ({ ...refOf(vm), by: { ...refOf(by), priority: by.priority } }));
  return {
    from: instant(from),
    to: instant(to),
    ...(begins ? { now: { want: begins.want, since: instant(begins.at), because: begins.because } } : {}),
    times: times.map(momentOf),
    closed: closedDays(schedule, from, to),
    hoursUp: rounded(hours.up),
    hoursDown: rounded(hours.down),
    vms,
    held,
    savesUsd: rounded(vms.reduce((sum, { savesUsd }) => sum + (savesUsd ?? 0), 0)),
  };
};
