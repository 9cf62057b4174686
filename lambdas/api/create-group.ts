import { newId } from '../domain/ids.ts';
import { type VmGroup, VmGroupSpec, VmGroupView, vmGroupView } from '../domain/vm-group.ts';
import * as groups from '../store/groups.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { assertGroup } from './check-group.ts';
import { type Call, route } from './route.ts';

const make = async (spec: VmGroupSpec, call: Call): Promise<VmGroup> => {
  const { at, by } = call;
  const id = newId('grp', Date.parse(at));
  const group: VmGroup = { ...spec, id, project: by.project, by: by.id, createdAt: at, version: 1 };
  await assertGroup(group);
  const told = audited(call, { subject: group.id, after: vmGroupView(group) });
  await table.transact([...groups.inserting(group), ...projects.whileLive(by.project), ...told]);
  return group;
};

/** POST /v1/groups */
export const createGroup = route({
  method: 'POST',
  path: '/v1/groups',
  action: 'create-group',
  summary: 'Name VMs, one by one, by a filter, or both; filters ask for it as group=<name>',
  access: 'operator',
  body: VmGroupSpec,
  answers: { 201: VmGroupView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const group = before === undefined ? await make(body, call) : await groups.get(call.by.project, before);
    return { status: 201, headers: { location: `/v1/groups/${group.id}` }, body: vmGroupView(group) };
  },
});
