import { assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { type VmGroup, vmGroupView } from '../domain/vm-group.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/groups.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { GroupPath } from './group-path.ts';
import { called, named } from './named.ts';
import { route } from './route.ts';

const assertUnused = async (group: VmGroup): Promise<void> => {
  const users = (await groups.usersOf(group)).map(called);
  if (users.length > 0) throw new Fault('GroupInUse', `${group.name} is used by ${named(users, 0)}.`);
};

/** DELETE /v1/groups/{id} */
export const deleteGroup = route({
  method: 'DELETE',
  path: '/v1/groups/{id}',
  action: 'delete-group',
  summary: 'Forget a group that no schedule and no window is about; its VMs stay as they are',
  access: 'operator',
  params: GroupPath,
  answers: { 204: null },
  handler: ({ params: { id } }, call) =>
    // A schedule that begins to be about it meanwhile has changed its version.
    untilWritten(async () => {
      const group = await groups.get(call.by.project, id);
      assertUnchanged(group, call);
      await assertUnused(group);
      const told = audited(call, { subject: id, before: vmGroupView(group) });
      await table.transact([...(await groups.removing(group)), ...told]);
      return { status: 204 };
    }),
});
