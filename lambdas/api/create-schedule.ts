import { newId } from '../domain/ids.ts';
import { type Schedule, ScheduleSpec, ScheduleView, scheduleView } from '../domain/schedule.ts';
import { lookedAtNext } from '../domain/schedule-due.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as projects from '../store/projects.ts';
import * as schedules from '../store/schedules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { assertSchedule } from './check-schedule.ts';
import { type Call, route } from './route.ts';

const make = async (spec: ScheduleSpec, call: Call): Promise<Schedule> => {
  const { at, by } = call;
  const about = await assertSchedule(spec, by.project);
  const now = Date.parse(at);
  const fresh: Schedule = {
    ...spec,
    id: newId('sch', now),
    project: by.project,
    overrides: [],
    // What was planned before there was a schedule is nobody's to make up for.
    ranThrough: at,
    by: by.id,
    createdAt: at,
    version: 1,
  };
  const [planned, refers] = await plans.plannedAnew({}, fresh);
  const schedule = lookedAtNext(planned, now);
  const told = audited(call, { subject: schedule.id, after: scheduleView(schedule) });
  await table.transact([
    ...schedules.inserting(schedule),
    ...projects.whileLive(by.project),
    ...refers,
    ...groups.referringTo(about),
    ...told,
  ]);
  return schedule;
};

/** POST /v1/schedules */
export const createSchedule = route({
  method: 'POST',
  path: '/v1/schedules',
  action: 'create-schedule',
  summary: 'Say when VMs shall be up; it acts from its next time on',
  access: 'operator',
  body: ScheduleSpec,
  answers: { 201: ScheduleView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const schedule =
      before === undefined ? await untilWritten(() => make(body, call)) : await schedules.get(call.by.project, before);
    return { status: 201, headers: { location: `/v1/schedules/${schedule.id}` }, body: scheduleView(schedule) };
  },
});
