import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { type Schedule, scheduleView } from '../domain/schedule.ts';
import { lookedAtNext } from '../domain/schedule-due.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as schedules from '../store/schedules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

/** 200 with the schedule as it is now. */
export const answered = (schedule: Schedule): Reply => ({
  status: 200,
  headers: { etag: etagOf(schedule) },
  body: scheduleView(schedule),
});

/** The schedule as it looks again at what is planned from this moment on, and no later one. */
export const lookingFrom = (schedule: Schedule, at: string): Schedule => ({
  ...schedule,
  // What begins at this moment must lie behind what was dealt with.
  ranThrough: new Date(Math.min(Date.parse(schedule.ranThrough), Date.parse(at) - 1)).toISOString(),
});

/** Writes a schedule that a person changed: its next time is reckoned anew, and a run of this moment is waited for. */
export const changeSchedule = (
  id: string,
  call: Call,
  change: (before: Schedule) => Schedule | Promise<Schedule>,
): Promise<Schedule> =>
  untilWritten(async () => {
    const before = await schedules.get(call.by.project, id);
    // This very request has done it before.
    if (call.earlier?.subject === id) return before;
    assertUnchanged(before, call);
    const [changed, refers] = await plans.plannedAnew(before, await change(before));
    const after = table.next(lookedAtNext(changed, Date.parse(call.at)));
    const about = await groups.begunWith(before, after);
    const told = audited(call, { subject: id, before: scheduleView(before), after: scheduleView(after) });
    await table.transact([...(await schedules.changing(before, after)), ...refers, ...about, ...told]);
    return after;
  });
