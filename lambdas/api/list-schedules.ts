import { pageOf } from '../domain/page.ts';
import { type Schedule, ScheduleView, scheduleView } from '../domain/schedule.ts';
import * as schedules from '../store/schedules.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: Schedule) => id,
    name: ({ name }: Schedule) => name,
    enabled: ({ enabled }: Schedule) => String(enabled),
    timeZone: ({ timeZone }: Schedule) => timeZone,
    by: ({ by }: Schedule) => by,
  },
};

const LIST = {
  name: 'schedules',
  fields: FIELDS,
  read: schedules.page,
  position: (schedule: Schedule) => table.positionOf(schedules.entity, schedule),
  view: scheduleView,
};

/** GET /v1/schedules */
export const listSchedules = route({
  method: 'GET',
  path: '/v1/schedules',
  action: 'list-schedules',
  summary: 'List the schedules of the project, oldest first',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(ScheduleView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
