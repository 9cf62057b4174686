import { type Schedule, ScheduleView } from '../domain/schedule.ts';
import { answered, changeSchedule, lookingFrom } from './change-schedule.ts';
import { route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

/** One that has begun ends now, so that the periods are put in place again; one that is still to come never was. */
const ended = (schedule: Schedule, at: string): Schedule => ({
  ...lookingFrom(schedule, at),
  overrides: schedule.overrides.flatMap((each) => {
    if (each.from >= at) return [];
    return [each.until > at ? { ...each, until: at } : each];
  }),
});

/** POST /v1/schedules/{id}/actions/end-override */
export const endOverride = route({
  method: 'POST',
  path: '/v1/schedules/{id}/actions/end-override',
  action: 'end-override',
  summary: 'End its overrides now: its periods count again at once',
  access: 'operator',
  params: SchedulePath,
  answers: { 200: ScheduleView },
  handler: async ({ params: { id } }, call) =>
    answered(await changeSchedule(id, call, (before) => ended(before, call.at))),
});
