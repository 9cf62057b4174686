import * as z from 'zod';
import { minutesEarly, withDue } from './early-start.ts';
import { Instant, Name } from './ids.ts';
import { Moment, momentOf } from './moment.ts';
import { closedDays, type Plan, type PlannedTime, plannedAt, plannedTimes } from './planned-times.ts';
import { Price, type PriceBook } from './price.ts';
import { runningPrice } from './running-price.ts';
import { type Schedule, Want } from './schedule.ts';
import { holdersOf } from './schedule-cover.ts';
import { turnsIn } from './schedule-turns.ts';
import { modeWhereItCan, StopMode } from './stop-mode.ts';
import type { Vm } from './vm.ts';
import type { VmGroup } from './vm-group.ts';
import { openWithin } from './window-times.ts';

const HOUR_MS = 3_600_000;

const Ref = z.strictObject({ id: z.string(), name: z.string() });

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
    /** When its windows are open, as far as that lies between `from` and `to`: its VMs are up meanwhile, but where somebody overrides that. */
    windows: z.array(z.strictObject({ name: z.string(), from: Instant, until: Instant })),
    hoursUp: z.number(),
    hoursDown: z.number(),
    vms: z.array(
      Ref.extend({
        price: Price,
        /** Of what is saved by being off; null where no price is known. Disks are paid for whether it runs or not. */
        savesUsd: z.number().nullable(),
        /** Its node in the schedule's order. */
        node: Name.optional(),
        /** Nodes that must be ready before it is started. */
        after: z.array(Name).optional(),
        /** How it will be stopped; `lack`: why its memory is not kept, though that is wished. */
        stopMode: StopMode,
        lack: z.string().optional(),
        /** Schedules that cover it too, and stand back. */
        behind: z.array(Ref),
      }),
    ),
    /** Covered by this schedule too, and held by another of higher rank. */
    held: z.array(Ref.extend({ by: Ref.extend({ priority: z.number() }) })),
    savesUsd: z.number(),
    /** How much earlier starts are begun, and of how many of the last ones that is learned; absent where at their time. */
    early: z.strictObject({ minutes: z.number().int(), starts: z.number().int() }).optional(),
  })
  .meta({ id: 'SchedulePreview' });
export type SchedulePreview = z.infer<typeof SchedulePreview>;

const instant = (at: number): Instant => new Date(at).toISOString();
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

const earlyOf = (schedule: Schedule): Pick<SchedulePreview, 'early'> => {
  const minutes = minutesEarly(schedule);
  return minutes === 0 ? {} : { early: { minutes, starts: schedule.starts?.length ?? 0 } };
};

const windowsOf = ({ windowTimes }: Plan, [from, to]: readonly [number, number]): SchedulePreview['windows'] =>
  openWithin(windowTimes, from, to).map(({ window: { name }, ...opening }) => ({
    name,
    from: instant(opening.from),
    until: instant(opening.until),
  }));

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
  const times = withDue(schedule, plannedTimes(schedule, from, to), from);
  const hours = hoursOf(
    begins,
    times.map(({ time, from: at }) => ({ ...time, at })),
    range,
  );
  // One that is turned off is shown as it will be once it is on.
  const others = scene.schedules.filter(({ id }) => id !== schedule.id);
  const holders = holdersOf([...others, { ...schedule, enabled: true }], scene.vms, scene.groups);
  const own = holders.filter((holder) => holder.schedule.id === schedule.id);
  const turns = turnsIn(
    schedule,
    own.map(({ vm }) => vm),
    scene.groups,
  );
  const vms = own.map(({ vm, behind }) => {
    const price = runningPrice(vm, scene.book);
    const savesUsd = price.hourlyUsd === null ? null : rounded(price.hourlyUsd * hours.down);
    const { mode: stopMode, lack } = modeWhereItCan(vm, schedule.stopMode);
    return {
      ...refOf(vm),
      price,
      savesUsd,
      stopMode,
      ...(lack === undefined ? {} : { lack }),
      ...turns.get(vm.id),
      behind: behind.map(refOf),
    };
  });
  const held = holders
    .filter(({ behind }) => behind.some(({ id }) => id === schedule.id))
    .map(({ vm, schedule: by }) => ({ ...refOf(vm), by: { ...refOf(by), priority: by.priority } }));
  return {
    from: instant(from),
    to: instant(to),
    ...(begins ? { now: { want: begins.want, since: instant(begins.at), because: begins.because } } : {}),
    times: times.map(({ time, from: begun }) => momentOf(time, begun)),
    closed: closedDays(schedule, from, to),
    windows: windowsOf(schedule, range),
    hoursUp: rounded(hours.up),
    hoursDown: rounded(hours.down),
    vms,
    held,
    savesUsd: rounded(vms.reduce((sum, { savesUsd }) => sum + (savesUsd ?? 0), 0)),
    ...earlyOf(schedule),
  };
};
