import { assertUnchanged } from '../domain/asked.ts';
import {
  changedWindow,
  type MaintenanceWindow,
  WindowChange,
  WindowView,
  windowSummary,
} from '../domain/maintenance-window.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as calendars from '../store/calendars.ts';
import * as groups from '../store/groups.ts';
import * as table from '../store/table.ts';
import * as windows from '../store/windows.ts';
import { audited } from './audited.ts';
import { answered } from './change-window.ts';
import { assertWindow } from './check-window.ts';
import { route } from './route.ts';
import { WindowPath } from './window-path.ts';

/** Calendars to which it did not refer before. */
const newIn = ({ calendars: before = [] }: MaintenanceWindow, { calendars: after = [] }: MaintenanceWindow): string[] =>
  after.filter((id) => !before.includes(id));

/** PATCH /v1/windows/{id} */
export const patchWindow = route({
  method: 'PATCH',
  path: '/v1/windows/{id}',
  action: 'patch-window',
  summary: 'Change a window; schedules that refer to it reckon with it at once',
  access: 'operator',
  params: WindowPath,
  body: WindowChange,
  answers: { 200: WindowView },
  handler: ({ params: { id }, body }, call) =>
    untilWritten(async () => {
      const { project } = call.by;
      const before = await windows.get(project, id);
      // This very request has done it before.
      if (call.earlier?.subject === id) return answered(before, call);
      assertUnchanged(before, call);
      const after = table.next(changedWindow(before, body));
      await assertWindow(after, project);
      await table.transact([
        ...(await windows.changing(before, after)),
        ...(await windows.wakingUsersOf(after, call.at)),
        ...calendars.referringTo(project, newIn(before, after)),
        ...(await groups.begunWith(before, after)),
        ...audited(call, { subject: id, before: windowSummary(before), after: windowSummary(after) }),
      ]);
      return answered(after, call);
    }),
});
