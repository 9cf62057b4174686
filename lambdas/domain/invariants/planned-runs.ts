import { type Finding, found } from './kinds.ts';
import type { Known } from './world.ts';

/** A tick comes each minute and may be at work for five; one that failed is made up for by the next. */
const LONGEST_MS = 15 * 60_000;

/**
 * I1 of schedules: each is looked at when its time has come. A tick that is gone or fails, a schedule on which each run fails
 * or that is hidden behind one: none of them can tell so itself.
 */
export const plannedRuns = ({ at, schedules }: Known): Finding[] =>
  schedules.flatMap(({ id, name, nextAt }) =>
    nextAt === undefined || Date.parse(at) - Date.parse(nextAt) <= LONGEST_MS
      ? []
      : [
          found('ScheduleOverdue', {
            subject: id,
            detail: `Schedule ${name} was to be run at ${nextAt}, and nothing has run it since.`,
            since: nextAt,
          }),
        ],
  );
