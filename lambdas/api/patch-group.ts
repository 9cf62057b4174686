import { assertUnchanged } from '../domain/asked.ts';
import { changedGroup, VmGroupChange, VmGroupView, vmGroupView } from '../domain/vm-group.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/groups.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { answered } from './change-group.ts';
import { assertGroup } from './check-group.ts';
import { GroupPath } from './group-path.ts';
import { route } from './route.ts';

/** PATCH /v1/groups/{id} */
export const patchGroup = route({
  method: 'PATCH',
  path: '/v1/groups/{id}',
  action: 'patch-group',
  summary: 'Change who is in a group; schedules that are about it reckon with it at their next time',
  access: 'operator',
  params: GroupPath,
  body: VmGroupChange,
  answers: { 200: VmGroupView },
  handler: ({ params: { id }, body }, call) =>
    untilWritten(async () => {
      const before = await groups.get(call.by.project, id);
      // This very request has done it before.
      if (call.earlier?.subject === id) return answered(before);
      assertUnchanged(before, call);
      const after = table.next(changedGroup(before, body));
      await assertGroup(after);
      const told = audited(call, { subject: id, before: vmGroupView(before), after: vmGroupView(after) });
      await table.transact([groups.swapping(after), ...told]);
      return answered(after);
    }),
});
