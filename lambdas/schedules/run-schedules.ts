import { Fault } from '../domain/faults.ts';
import type { Schedule } from '../domain/schedule.ts';
import { logger } from '../runtime/powertools.ts';
import { runSchedule } from '../runtime/run-schedule.ts';
import * as schedules from '../store/schedules.ts';

/** One schedule's trouble is not another's; the row stays due, and the next tick tries again. */
const run = async (schedule: Schedule, now: number): Promise<void> => {
  try {
    await runSchedule(schedule, now);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logger.warn('a schedule could not be run', { schedule: schedule.id, fault: error.name, detail: error.message });
  }
};

/** Runs every schedule whose time has come. @returns how many */
export const runSchedules = async (now: number): Promise<number> => {
  const due = await Array.fromAsync(schedules.due(new Date(now).toISOString()));
  for (const schedule of due) await run(schedule, now);
  return due.length;
};

/** Each minute. */
export const handler = async (): Promise<{ ran: number }> => ({ ran: await runSchedules(Date.now()) });
