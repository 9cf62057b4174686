import { assertUnchanged } from '../domain/asked.ts';
import { scheduleView } from '../domain/schedule.ts';
import * as schedules from '../store/schedules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

/** DELETE /v1/schedules/{id} */
export const deleteSchedule = route({
  method: 'DELETE',
  path: '/v1/schedules/{id}',
  action: 'delete-schedule',
  summary: 'Forget a schedule; its VMs stay as they are',
  access: 'operator',
  params: SchedulePath,
  answers: { 204: null },
  handler: async ({ params: { id } }, call) => {
    const schedule = await schedules.get(call.by.project, id);
    assertUnchanged(schedule, call);
    const told = audited(call, { subject: id, before: scheduleView(schedule) });
    await table.transact([...(await schedules.removing(schedule)), ...told]);
    return { status: 204 };
  },
});
