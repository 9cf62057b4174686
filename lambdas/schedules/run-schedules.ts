import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { ProjectId, projectOf } from '../domain/project.ts';
import type { Schedule } from '../domain/schedule.ts';
import { isWaiting } from '../domain/schedule-due.ts';
import { logger } from '../runtime/powertools.ts';
import { runSchedule } from '../runtime/run-schedule.ts';
import { TurnDue } from '../runtime/turns.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as schedules from '../store/schedules.ts';

/** One schedule's trouble is not another's; the row stays due, and the next tick tries again. */
const run = async (schedule: Schedule, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logger.warn('a schedule could not be run', { schedule: schedule.id, fault: error.name, detail: error.message });
  }
};

/** Runs every schedule whose time has come. @returns how many */
export const runSchedules = async (now: number): Promise<number> => {
  const due = await Array.fromAsync(schedules.due(new Date(now).toISOString()));
  for (const schedule of due) await run(schedule, () => runSchedule(schedule, now));
  return due.length;
};

const goOn = async ({ project, id }: Schedule, now: number): Promise<void> => {
  const schedule = await schedules.find(project, id);
  if (schedule && isWaiting(schedule, now)) await runSchedule(schedule, now);
};

/** Goes on with the schedules of a project in which VMs wait for others: one of those may have come just now. @returns how many */
const goOnIn = async (project: string, now: number): Promise<number> => {
  const waiting = (await schedules.allOf(project)).filter((schedule) => isWaiting(schedule, now));
  // Of several events at once each is to be seen: what one of them reads may be older than what another tells.
  for (const schedule of waiting) await run(schedule, () => untilWritten(() => goOn(schedule, now)));
  return waiting.length;
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
const Came = z.object({ source: z.string(), detail: z.object({ project: ProjectId.optional() }) });

/** Each minute, when a VM has come to where others may wait for it, and when a delay is over. */
export const handler = async (event?: unknown): Promise<{ ran: number }> => {
  const now = Date.now();
  const turn = TurnCame.safeParse(event);
  if (turn.success) return { ran: await takeTurn(turn.data.detail, now) };
  const { success, data } = Came.safeParse(event);
  return {
    ran:
      success && data.source.startsWith('novacron.')
        ? await goOnIn(projectOf(data.detail), now)
        : await runSchedules(now),
  };
};
