import * as z from 'zod';
import { dueFrom } from '../domain/early-start.ts';
import { filtersOf } from '../domain/group-members.ts';
import { Instant, Name } from '../domain/ids.ts';
import { Disturbance, disturbances } from '../domain/maintenance-window.ts';
import { Moment, momentOf } from '../domain/moment.ts';
import { nextPlanned, plannedAt } from '../domain/planned-times.ts';
import { holdersOf, windowsOver } from '../domain/schedule-cover.ts';
import { turnsIn } from '../domain/schedule-turns.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as schedules from '../store/schedules.ts';
import * as windows from '../store/windows.ts';
import { vmOf } from './gate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-path.ts';

const Ref = z.strictObject({ id: z.string(), name: z.string(), priority: z.number() });

const VmSchedule = z
  .strictObject({
    /** The schedule that the VM obeys; absent where it obeys none. */
    schedule: Ref.optional(),
    /** Those that cover it too, and stand back: lower in priority, or younger. */
    behind: z.array(Ref),
    /** What is wanted at the moment asked about, and since when. */
    wanted: Moment.optional(),
    /** What comes next: until then the VM stays as people have put it. */
    next: Moment.optional(),
    /** Its node in the schedule's order, and the nodes that must be ready before it is started. */
    node: Name.optional(),
    after: z.array(Name).optional(),
    /** When it may be disturbed next: two openings of each window that is about it, one that is open first. */
    windows: z.array(Disturbance),
  })
  .meta({ id: 'VmSchedule' });

const refOf = ({ id, name, priority }: z.infer<typeof Ref>) => ({ id, name, priority });

/** GET /v1/vms/{id}/schedule */
export const getVmSchedule = route({
  method: 'GET',
  path: '/v1/vms/{id}/schedule',
  action: 'get-vm-schedule',
  summary:
    'Which schedule a VM obeys, what it wants of it now or at another moment, and what comes next; and when it may be disturbed',
  access: 'viewer',
  params: VmPath,
  query: z.strictObject({ at: Instant.optional() }),
  answers: { 200: VmSchedule },
  handler: async ({ params: { id }, query }, { by, at }) => {
    const vm = await vmOf(by, id);
    const moment = Date.parse(query.at ?? at);
    const all = await schedules.allOf(by.project);
    const allWindows = await windows.allOf(by.project);
    const known = await groups.askedBy(by.project, [...all, ...allWindows].flatMap(filtersOf));
    const over = await windows.timed(by.project, windowsOver(vm, allWindows, known));
    const coming = { windows: disturbances(over, moment) };
    const [holder] = holdersOf(all, [vm], known);
    if (!holder) return { status: 200, body: { behind: [], ...coming } };
    const plan = await plans.planned(holder.schedule);
    const [wanted, next] = [plannedAt(plan, moment), nextPlanned(plan, moment)];
    return {
      status: 200,
      body: {
        schedule: refOf(holder.schedule),
        behind: holder.behind.map(refOf),
        ...(wanted ? { wanted: momentOf(wanted) } : {}),
        ...(next ? { next: momentOf(next, dueFrom(plan, next, moment)) } : {}),
        ...turnsIn(plan, [vm], known).get(vm.id),
        ...coming,
      },
    };
  },
});
