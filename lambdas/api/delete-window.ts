import { assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { type MaintenanceWindow, windowSummary } from '../domain/maintenance-window.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import * as windows from '../store/windows.ts';
import { audited } from './audited.ts';
import { called, named } from './named.ts';
import { type Call, route } from './route.ts';
import { WindowPath } from './window-path.ts';

const assertUnused = async (window: MaintenanceWindow, { at }: Call): Promise<void> => {
  const users = [
    ...(await windows.usersOf(window)).map(called),
    ...(await silences.ofWindow(window, Date.parse(at))).map(({ id }) => `silence ${id}`),
  ];
  if (users.length > 0) throw new Fault('WindowInUse', `${window.name} is used by ${named(users, 0)}.`);
};

/** DELETE /v1/windows/{id} */
export const deleteWindow = route({
  method: 'DELETE',
  path: '/v1/windows/{id}',
  action: 'delete-window',
  summary: 'Forget a window to which no schedule and no silence refers; its VMs stay as they are',
  access: 'operator',
  params: WindowPath,
  answers: { 204: null },
  handler: ({ params: { id } }, call) =>
    // A schedule that begins to refer to it meanwhile has changed its version.
    untilWritten(async () => {
      const window = await windows.get(call.by.project, id);
      assertUnchanged(window, call);
      await assertUnused(window, call);
      const told = audited(call, { subject: id, before: windowSummary(window) });
      await table.transact([...(await windows.removing(window)), ...told]);
      return { status: 204 };
    }),
});
