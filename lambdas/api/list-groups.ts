import { pageOf } from '../domain/page.ts';
import { type VmGroup, VmGroupView, vmGroupView } from '../domain/vm-group.ts';
import * as groups from '../store/groups.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: VmGroup) => id,
    name: ({ name }: VmGroup) => name,
    by: ({ by }: VmGroup) => by,
    vm: ({ vms }: VmGroup) => vms,
  },
};

const LIST = {
  name: 'groups',
  fields: FIELDS,
  read: groups.page,
  position: (group: VmGroup) => table.positionOf(groups.entity, group),
  view: vmGroupView,
};

/** GET /v1/groups */
export const listGroups = route({
  method: 'GET',
  path: '/v1/groups',
  action: 'list-groups',
  summary: 'List the groups of the project, oldest first',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(VmGroupView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
