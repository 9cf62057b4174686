import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { VmId } from '../domain/ids.ts';
import { ProjectId, projectOf } from '../domain/project.ts';
import type { Schedule } from '../domain/schedule.ts';
import { hasCome, isAwaiting, isWaiting } from '../domain/schedule-due.ts';
import type { Vm } from '../domain/vm.ts';
import { SOON_MS, wakeWithin } from '../runtime/alert-wakes.ts';
import { logger } from '../runtime/powertools.ts';
import { runSchedule } from '../runtime/run-schedule.ts';
import { TurnDue } from '../runtime/turns.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { wakeRules } from '../runtime/wake-rules.ts';
import { wakeSilences } from '../runtime/wake-silences.ts';
import * as due from '../store/due.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';

/** One schedule's trouble is not another's; the row stays due, and the next tick tries again. */
const run = async (schedule: Schedule, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logger.warn('a schedule could not be run', { schedule: schedule.id, fault: error.name, detail: error.message });
  }
};

/** Runs schedules whose time has come. @returns how many */
const runAll = async (found: readonly Schedule[], now: number): Promise<number> => {
  for (const schedule of found) await run(schedule, () => runSchedule(schedule, now));
  return found.length;
};

/** Whether a schedule waits, and for this VM, so that it may go on once that has come. */
const waitsFor = (schedule: Schedule, vmId: string, now: number): boolean =>
  isWaiting(schedule, now) && isAwaiting(schedule, vmId);

/** On its way still: what told of it told of something else. */
const isUnderWay = ({ lastRun }: Schedule, vm: Vm): boolean =>
  lastRun !== undefined && vm.state !== 'deleted' && !hasCome(vm, lastRun.want);

/** Goes on with a schedule that waits: for nothing but time, or for this VM, as it was read. */
const goOn = async ({ project, id }: Schedule, now: number, vm?: Vm): Promise<void> => {
  const schedule = await schedules.find(project, id);
  if (!schedule || !isWaiting(schedule, now)) return;
  if (vm === undefined || isAwaiting(schedule, vm.id)) await runSchedule(schedule, now, vm ? [vm] : []);
};

/** Goes on with the schedules of a project that wait for this VM, where it has come. @returns how many */
const goOnIn = async (project: string, vmId: string | undefined, now: number): Promise<number> => {
  if (vmId === undefined) return 0;
  const waiting = (await schedules.allOf(project)).filter((schedule) => waitsFor(schedule, vmId, now));
  const vm = waiting.length > 0 ? await vms.find(vmId) : undefined;
  if (vm === undefined) return 0;
  const on = waiting.filter((schedule) => !isUnderWay(schedule, vm));
  for (const schedule of on) await run(schedule, () => untilWritten(() => goOn(schedule, now, vm)));
  return on.length;
};

/** Goes on with one schedule, a delay of which is over, if nothing has looked at it since that was ordered. @returns how many */
const takeTurn = async ({ project, scheduleId, version }: TurnDue, now: number): Promise<number> => {
  const schedule = await schedules.find(project, scheduleId);
  if (schedule?.version !== version) return 0;
  await run(schedule, () => untilWritten(() => goOn(schedule, now)));
  return 1;
};

/** "Schedule Turn Due", of our own bus. */
const TurnCame = z.object({ 'detail-type': z.literal('Schedule Turn Due'), detail: TurnDue });

/** "Operation Succeeded" or "VM Readiness Changed", of our own bus. */
const Came = z.object({
  source: z.string(),
  detail: z.object({ project: ProjectId.optional(), vmId: VmId.optional() }),
});

/** What a minute brings: schedules whose time has come, groups of alerts that are due within it, rules, silences that end; none keeps the others. */
const tick = async (now: number): Promise<number> => {
  const { schedules: found, alertGroups, rules, silences } = await due.read(now, SOON_MS);
  const [ran, ...woken] = await Promise.allSettled([
    runAll(found, now),
    wakeWithin(alertGroups, now),
    wakeRules(rules, now),
    wakeSilences(silences),
  ]);
  for (const each of woken)
    if (each.status === 'rejected') logger.error('alerts wait for the next tick', { error: each.reason });
  if (ran.status === 'rejected') throw ran.reason;
  return ran.value;
};

/** Each minute, when a VM has come to where others may wait for it, and when a delay is over. */
export const handler = async (event?: unknown): Promise<{ ran: number }> => {
  const now = Date.now();
  const turn = TurnCame.safeParse(event);
  if (turn.success) return { ran: await takeTurn(turn.data.detail, now) };
  const { success, data } = Came.safeParse(event);
  return {
    ran:
      success && data.source.startsWith('novacron.')
        ? await goOnIn(projectOf(data.detail), data.detail.vmId, now)
        : await tick(now),
  };
};
