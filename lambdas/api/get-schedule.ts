import { ScheduleView } from '../domain/schedule.ts';
import * as schedules from '../store/schedules.ts';
import { answered } from './change-schedule.ts';
import { route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

/** GET /v1/schedules/{id} */
export const getSchedule = route({
  method: 'GET',
  path: '/v1/schedules/{id}',
  action: 'get-schedule',
  summary: 'A schedule: when it acts next, and what became of its last time',
  access: 'viewer',
  params: SchedulePath,
  answers: { 200: ScheduleView },
  handler: async ({ params: { id } }, { by }) => answered(await schedules.get(by.project, id)),
});
