import { Schedule, ScheduleChange, ScheduleView } from '../domain/schedule.ts';
import { answered, changeSchedule } from './change-schedule.ts';
import { assertSchedule } from './check-schedule.ts';
import { type Call, route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

/** Turned on again it does not make up for what was planned meanwhile. */
const patched = (before: Schedule, change: ScheduleChange, at: string): Schedule => {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after = {
    ...before,
    ...given,
    ...(change.enabled && !before.enabled ? { ranThrough: at } : {}),
    ...(change.digest ? { digestedAt: at } : {}),
  };
  return Schedule.parse(Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null)));
};

const changed = async (before: Schedule, change: ScheduleChange, { by, at }: Call): Promise<Schedule> => {
  const after = patched(before, change, at);
  await assertSchedule(after, by.project);
  return after;
};

/** PATCH /v1/schedules/{id} */
export const patchSchedule = route({
  method: 'PATCH',
  path: '/v1/schedules/{id}',
  action: 'patch-schedule',
  summary: 'Change a schedule, or turn it off and on; what it wants is put in place from its next time on',
  access: 'operator',
  params: SchedulePath,
  body: ScheduleChange,
  answers: { 200: ScheduleView },
  handler: async ({ params: { id }, body }, call) =>
    answered(await changeSchedule(id, call, (before) => changed(before, body, call))),
});
