import * as z from 'zod';
import { Instant } from '../domain/ids.ts';
import { Override, ScheduleView } from '../domain/schedule.ts';
import { answered, changeSchedule, lookingFrom } from './change-schedule.ts';
import { assertApart } from './check-schedule.ts';
import { route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

const OverrideSchedule = z.strictObject({
  want: Override.shape.want,
  until: Instant,
  /** Now, where it is left out. */
  from: Instant.optional(),
  note: Override.shape.note,
});

/** More is a schedule of its own. */
const MOST = 50;

/** POST /v1/schedules/{id}/actions/override */
export const overrideSchedule = route({
  method: 'POST',
  path: '/v1/schedules/{id}/actions/override',
  action: 'override-schedule',
  summary: 'Keep its VMs up, or down, until a moment, whatever its periods say; it ends by itself',
  access: 'operator',
  params: SchedulePath,
  body: OverrideSchedule,
  answers: { 200: ScheduleView },
  handler: async ({ params: { id }, body: { want, until, from, note } }, call) => {
    const begins = from === undefined || from < call.at ? call.at : from;
    const override: Override = { want, from: begins, until, by: call.by.id, ...(note === undefined ? {} : { note }) };
    const schedule = await changeSchedule(id, call, (before) => {
      const open = before.overrides.filter((each) => each.until > call.at);
      assertApart(open, override);
      return { ...lookingFrom(before, begins), overrides: [...open, override].slice(-MOST) };
    });
    return answered(schedule);
  },
});
