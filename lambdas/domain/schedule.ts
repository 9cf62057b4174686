import * as z from 'zod';
import { Instant, Name, ScheduleId, VmId, WindowId } from './ids.ts';
import { StartTime, TIMES } from './period.ts';
import { PlainText } from './plain-text.ts';
import { ProjectId } from './project.ts';
import { Order } from './schedule-order.ts';
import { StopMode } from './stop-mode.ts';
import { VmState } from './vm-state.ts';

/** When VMs shall be up: what a schedule is, and what of it stands in its row. How it unfolds in time is planned-times.ts. */

export const Want = z.enum(['up', 'down']);
export type Want = z.infer<typeof Want>;

/** "Up until Friday 20:00": for so long the periods do not count, and then what they say is put in place again. */
export const Override = z.strictObject({
  want: Want,
  from: Instant,
  until: Instant,
  by: z.string(),
  note: PlainText(200).optional(),
});
export type Override = z.infer<typeof Override>;

/** What becomes of a time that passed while the plane was away: done late, left out, or done where its period still holds. */
export const Missed = z.enum(['late', 'skip', 'if-still-inside']);

const FIELDS = {
  ...TIMES,
  /** Windows in which its VMs are up, too. */
  windows: z.array(WindowId).max(10),
  order: Order,
  missed: Missed,
  /** Where two schedules cover a VM the higher one has it; of equals, the older one. */
  priority: z.number().int().min(-1000).max(1000),
  /** Minutes after a run in which its VMs must be ready, or stopped, before people are told. */
  graceMinutes: z.number().int().min(1).max(240),
  enabled: z.boolean(),
  /** Whether their memory is kept when they are stopped, where it can be: either word asks for it on both worlds. */
  stopMode: StopMode,
  /** When, in its zone, people are told once a day what it did and saved; they are not where it is `off` or left out. */
  digest: z.union([z.literal('off'), StartTime]),
  /**
   * How long before its time a start is begun, so that VMs are ready at it: as its last starts took, or so many minutes. At its
   * time where it is `off` or left out.
   */
  early: z.union([z.enum(['off', 'learned']), z.number().int().min(1).max(60)]),
};

/** What a person says of a schedule. */
export const ScheduleSpec = z.strictObject({
  ...FIELDS,
  description: FIELDS.description.optional(),
  order: FIELDS.order.optional(),
  closures: FIELDS.closures.default([]),
  calendars: FIELDS.calendars.optional(),
  windows: FIELDS.windows.optional(),
  missed: FIELDS.missed.default('late'),
  priority: FIELDS.priority.default(0),
  graceMinutes: FIELDS.graceMinutes.default(10),
  enabled: FIELDS.enabled.default(true),
  digest: FIELDS.digest.optional(),
  early: FIELDS.early.optional(),
  stopMode: FIELDS.stopMode.optional(),
});
export type ScheduleSpec = z.infer<typeof ScheduleSpec>;

/** Fields of a schedule that are to be others; what is left out stays, null takes away what may be absent. */
export const ScheduleChange = z
  .strictObject({
    ...FIELDS,
    description: FIELDS.description.nullable(),
    calendars: FIELDS.calendars.nullable(),
    windows: FIELDS.windows.nullable(),
    digest: FIELDS.digest.nullable(),
    early: FIELDS.early.nullable(),
    stopMode: FIELDS.stopMode.nullable(),
    order: FIELDS.order.nullable(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type ScheduleChange = z.infer<typeof ScheduleChange>;

/** A VM that a run has not brought to where it shall be. */
export const Owed = z.strictObject({
  vmId: VmId,
  /** Name of the fault, and what to do, as it was last met. */
  fault: z.string(),
  detail: z.string(),
});
export type Owed = z.infer<typeof Owed>;

/** A VM of the order's node that another waits for or needs, and why it is not where it shall be itself. */
const Needed = z.strictObject({ node: Name, vmId: VmId, vmName: z.string(), cause: z.string() });

/** A VM that was not where it should be when its grace was over. */
export const Late = z.strictObject({
  vmId: VmId,
  vmName: z.string(),
  state: VmState,
  cause: z.string(),
  needs: Needed.optional(),
});
export type Late = z.infer<typeof Late>;

/** A VM that a run stopped without keeping its memory, though that was wished, and why. */
export const Plain = z.strictObject({ vmId: VmId, vmName: z.string(), cause: z.string() });
export type Plain = z.infer<typeof Plain>;

/** What became of the last time that came. */
export const LastRun = z.strictObject({
  /** The time that it was planned for. */
  plannedAt: Instant,
  ranAt: Instant,
  /** Of a start begun before its time: what was run before it. One that an override overtook is due again, and is another one. */
  follows: Instant.optional(),
  want: Want,
  because: z.string(),
  /** How many VMs it covers, and for how many of them an operation was begun. */
  vms: z.number().int(),
  begun: z.number().int(),
  /** Left out, by what the schedule says of missed times. */
  skipped: z.boolean(),
  owed: z.array(Owed),
  /** Nodes of the order whose turn has not come: they wait for others. */
  waiting: z.array(Name).optional(),
  /** When the last of the other nodes had its turn. */
  turnAt: Instant.optional(),
  /** Of each node that others wait for, one VM that has not come: before it has, none of them can have its turn. */
  awaits: z.array(VmId).optional(),
  /** When the delay ends that is all that the next of them waits for. */
  nextTurnAt: Instant.optional(),
  /** VMs whose memory is being kept, until they are off; those of which it cannot be are stopped as ever. */
  keeping: z.array(VmId).optional(),
  plain: z.array(Plain).optional(),
  /** When it was looked whether the VMs had come to where they shall be, and those that had not. */
  checkedAt: Instant.optional(),
  late: z.array(Late).optional(),
  /** Of a start that was looked at: after how many seconds the last of its VMs was ready. */
  readySeconds: z.number().int().positive().optional(),
});
export type LastRun = z.infer<typeof LastRun>;

/** A run as the next digest tells of it. */
export const RunNoted = z.strictObject({
  plannedAt: Instant,
  want: Want,
  because: z.string(),
  vms: z.number().int(),
  begun: z.number().int(),
  skipped: z.boolean(),
  owed: z.number().int(),
  late: z.number().int(),
  /** The first of those that were late, each with its cause. */
  named: z.array(z.string()),
});
export type RunNoted = z.infer<typeof RunNoted>;

/** The row of a schedule. */
export const Schedule = ScheduleSpec.extend({
  id: ScheduleId,
  project: ProjectId,
  overrides: z.array(Override),
  /** Times until then are dealt with. */
  ranThrough: Instant,
  /** When it is to be looked at again; absent where nothing will come, or it is not enabled. */
  nextAt: Instant.optional(),
  lastRun: LastRun.optional(),
  /** Seconds that its last starts took until all were ready, the newest last. */
  starts: z.array(z.number().int().positive()).max(20).optional(),
  /** Until when the last digest told, and the runs since. */
  digestedAt: Instant.optional(),
  sinceDigest: z.array(RunNoted).optional(),
  by: z.string(),
  createdAt: Instant,
  version: z.number().int().positive(),
});
export type Schedule = z.infer<typeof Schedule>;

/** A schedule as the API shows it. */
export const ScheduleView = Schedule.omit({
  version: true,
  ranThrough: true,
  digestedAt: true,
  sinceDigest: true,
}).meta({ id: 'Schedule' });
export type ScheduleView = z.infer<typeof ScheduleView>;

/** @see ScheduleView */
export const scheduleView = ({
  version: _,
  ranThrough: __,
  digestedAt: ___,
  sinceDigest: ____,
  ...shown
}: Schedule): ScheduleView => shown;
