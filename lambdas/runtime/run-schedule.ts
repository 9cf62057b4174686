import { digestDue, withRun } from '../domain/digest.ts';
import { startsWith, tookSeconds } from '../domain/early-start.ts';
import { filtersOf } from '../domain/group-members.ts';
import type { Plan } from '../domain/planned-times.ts';
import type { LastRun, Late, Schedule } from '../domain/schedule.ts';
import { holdersOf } from '../domain/schedule-cover.ts';
import { checkDue, type Due, dueTime, hasCome, isUnderWay, lookedAtNext } from '../domain/schedule-due.ts';
import { keepingOf, wishFor } from '../domain/schedule-stops.ts';
import type { Vm } from '../domain/vm.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as projects from '../store/projects.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';
import { bring, type Outcome } from './bring.ts';
import { publish } from './bus.ts';
import { type Covered, heldFromTurn, inTurn, keptOfRun, lateInOrder } from './schedule-order.ts';
import { tellDigest } from './tell-digest.ts';
import { orderTurn } from './turns.ts';

/** More is left to the next tick. */
const MOST_LOOKS = 5;

/** A row has 400 kB: of what is owed and late it names so many, and where more are owed all VMs are asked after again. */
const MOST_NAMED = 200;

/** When it is, and the rows of VMs that were read before. */
interface Look {
  readonly at: string;
  readonly known: readonly Vm[];
}

/** The VMs that obey this schedule now. The index lags behind rows: those that were read themselves count before it. */
const coveredBy = async (schedule: Schedule, known: readonly Vm[]): Promise<Covered> => {
  const read = new Map(known.map((vm) => [vm.id, vm]));
  const all = (await Array.fromAsync(vms.allOf(schedule.project))).map((vm) => read.get(vm.id) ?? vm);
  const others = await schedules.allOf(schedule.project);
  const asked = await groups.askedBy(schedule.project, [schedule, ...others].flatMap(filtersOf));
  const holders = holdersOf(others, all, asked).filter((holder) => holder.schedule.id === schedule.id);
  return { vms: holders.map(({ vm }) => vm), groups: asked };
};

const runOf = ({ order, lastRun }: Schedule, { time, skipped }: Due, at: string): LastRun => ({
  plannedAt: new Date(time.at).toISOString(),
  ranAt: at,
  ...(lastRun && Date.parse(at) < time.at ? { follows: lastRun.plannedAt } : {}),
  want: time.want,
  because: time.because,
  vms: 0,
  begun: 0,
  skipped,
  owed: [],
  ...(order && !skipped ? { waiting: order.map(({ name }) => name) } : {}),
});

/** What is to be run: the time that has come, or again the last one for the VMs that it still owes. */
const runFor = (schedule: Schedule & Plan, now: number): LastRun | undefined => {
  const due = dueTime(schedule, now);
  if (due) return runOf(schedule, due, new Date(now).toISOString());
  return isUnderWay(schedule, now) ? schedule.lastRun : undefined;
};

/** What of the VMs that have no turn to come is to be asked for: all in a run's first look, later those that it still owes. */
const askedAgain = (schedule: Schedule, run: LastRun, free: readonly Vm[]): readonly Vm[] => {
  const owing = new Set(run.owed.map(({ vmId }) => vmId));
  const isWhole = run !== schedule.lastRun || owing.size === MOST_NAMED;
  return isWhole ? free : free.filter(({ id }) => owing.has(id));
};

/** What a look came to. */
interface Looked {
  readonly lastRun: LastRun | undefined;
  /** The schedule's row, where it is written with what the look has asked for. */
  readonly noted?: Schedule;
}

/** The row after a run that nothing else is to be told of; nothing where there is more to do first. */
type RowAfter = (lastRun: LastRun) => Schedule | undefined;

const carriedOut = async (
  schedule: Schedule,
  run: LastRun,
  { at, known }: Look,
  rowAfter: RowAfter,
): Promise<Looked> => {
  if (run.skipped) return { lastRun: run };
  const covered = await coveredBy(schedule, known);
  const { turn, free, ...progress } = inTurn(schedule, run, covered, at);
  const theirs = await heldFromTurn(schedule, run, turn);
  const asked = [...askedAgain(schedule, run, free), ...turn.filter(({ id }) => !theirs.has(id))];
  const kept = await keptOfRun(schedule, run, covered.vms);
  const failed = new Set(kept.failed.map(({ vm }) => vm));
  const wishes = asked.filter((vm) => !failed.has(vm)).map((vm) => wishFor(schedule, vm));
  const { nextTurnAt: _, ...before } = run;
  const runAfter = ({ begun, owed, keeping, plain }: Outcome): LastRun => ({
    ...before,
    ...progress,
    vms: covered.vms.length,
    begun: run.begun + begun,
    owed: owed.slice(0, MOST_NAMED),
    ...keepingOf(run, [...kept.keeping, ...keeping], plain),
  });
  const rowOf = (outcome: Outcome) => rowAfter(runAfter(outcome));
  const { isNoted, ...outcome } = await bring(schedule, run, [...wishes, ...kept.failed], at, (all) => {
    const row = rowOf(all);
    return row && schedules.noting(row);
  });
  const noted = isNoted ? rowOf(outcome) : undefined;
  return { lastRun: runAfter(outcome), ...(noted ? { noted } : {}) };
};

/** One event a run, the same however often it is put: "should be up and is not", with each VM and why. */
const tellLate = (schedule: Schedule, { plannedAt, want, because }: LastRun, late: readonly Late[]): Promise<void> =>
  publish({
    noun: 'schedule',
    type: 'Schedule Missed',
    id: `${schedule.id}:${plannedAt}`,
    detail: {
      scheduleId: schedule.id,
      scheduleName: schedule.name,
      project: schedule.project,
      plannedAt,
      want,
      because,
      graceMinutes: schedule.graceMinutes,
      vms: late.length,
      // An event has 256 kB; the schedule's row names more.
      late: late.slice(0, 100),
    },
  });

/** Looks whether the VMs of the last run are where they shall be, and tells people of those that are not. */
const checked = async (schedule: Schedule, lastRun: LastRun, { at, known }: Look): Promise<LastRun> => {
  const covered = await coveredBy(schedule, known);
  const late = await lateInOrder({ ...schedule, lastRun }, covered, Date.parse(at));
  if (late.length > 0) await tellLate(schedule, lastRun, late);
  const readySeconds = tookSeconds(lastRun, covered.vms, Date.parse(at));
  const took = readySeconds === undefined ? {} : { readySeconds };
  return { ...lastRun, checkedAt: at, late: late.slice(0, MOST_NAMED), ...took };
};

/** What is learned of a run once it is looked at. */
const learned = ({ starts, lastRun: before }: Schedule, lastRun: LastRun | undefined): Pick<Schedule, 'starts'> =>
  lastRun?.readySeconds === undefined || lastRun.checkedAt === before?.checkedAt
    ? {}
    : { starts: startsWith(starts, lastRun.readySeconds) };

const isDue = (moment: number | undefined, now: number): boolean => moment !== undefined && moment <= now;

/** The run of now, or the last one where it is time to look at what came of it. */
const lastRunOf = async (schedule: Schedule & Plan, now: number, look: Look, rowAfter: RowAfter): Promise<Looked> => {
  const run = runFor(schedule, now);
  const ran = run ? await carriedOut(schedule, run, look, rowAfter) : { lastRun: schedule.lastRun };
  const { lastRun } = ran;
  if (lastRun === undefined || !isDue(checkDue({ ...schedule, lastRun }), now)) return ran;
  return { lastRun: await checked({ ...schedule, lastRun }, lastRun, look) };
};

/** A schedule as a look leaves it that came to this. */
const after = (schedule: Schedule, plan: Schedule & Plan, lastRun: LastRun | undefined, now: number) => {
  const ran = {
    ...plan,
    ranThrough: new Date(now).toISOString(),
    ...(lastRun ? { lastRun } : {}),
    ...learned(schedule, lastRun),
  };
  return lastRun === schedule.lastRun ? ran : { ...ran, sinceDigest: withRun(schedule, lastRun) };
};

/** One look at a schedule of a project that is there. @returns its row as it is now */
const lookedAt = async (schedule: Schedule, plan: Schedule & Plan, now: number, look: Look): Promise<Schedule> => {
  const digest = digestDue(schedule);
  const rowAfter: RowAfter = (lastRun) =>
    isDue(digest, now) || isDue(checkDue({ ...schedule, lastRun }), now)
      ? undefined
      : schedules.following(schedule, lookedAtNext(after(schedule, plan, lastRun, now), now));
  const { lastRun, noted } = await lastRunOf(plan, now, look, rowAfter);
  if (noted) return noted;
  const told = await tellDigest(after(schedule, plan, lastRun, now), digest, now);
  return schedules.swap(schedule, lookedAtNext(told, now));
};

const looked = async (schedule: Schedule, now: number, known: readonly Vm[]): Promise<Schedule> => {
  const isLive = (await projects.find(schedule.project)) !== undefined;
  const plan = await plans.planned(schedule);
  if (isLive) return lookedAt(schedule, plan, now, { at: new Date(now).toISOString(), known });
  // What is left of a deleted project is erased, and until then does nothing any more.
  return schedules.swap(schedule, lookedAtNext({ ...after(schedule, plan, undefined, now), enabled: false }, now));
};

/** Those that a run awaits and that have come before its row said so: what told of them then meant nothing to it. */
const cameMeanwhile = async ({ lastRun }: Schedule): Promise<Vm[]> => {
  const awaited = lastRun?.awaits?.length ? await vms.findAll(lastRun.awaits) : [];
  return awaited.filter((vm) => lastRun && hasCome(vm, lastRun.want));
};

/**
 * Brings the VMs of a schedule to where it wants them now, and notes what came of it and when it is to be looked at again.
 * A run that dies in the midst is run again by the next tick, and asks for nothing twice. `known` are rows that were read
 * before. @throws WriteConflict where a person changed the schedule meanwhile: the next tick reads it anew
 */
export const runSchedule = async (schedule: Schedule, now: number, known: readonly Vm[] = []): Promise<void> => {
  let ran = await looked(schedule, now, known);
  const read = [...known];
  for (let looks = 1; looks < MOST_LOOKS; looks += 1) {
    const came = await cameMeanwhile(ran);
    if (came.length === 0) break;
    read.push(...came);
    ran = await looked(ran, now, read);
  }
  // After the row: one that dies here is looked at by the next tick.
  await orderTurn(ran, now);
};
