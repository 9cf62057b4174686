import { Fault } from '../domain/faults.ts';
import type { Fields } from '../domain/filter.ts';
import { missingIn, VM_AND_GROUP_FIELDS, vmFieldsWith } from '../domain/group-members.ts';
import { pageOf } from '../domain/page.ts';
import { VmView, vmView } from '../domain/view.ts';
import type { Vm } from '../domain/vm.ts';
import * as groups from '../store/groups.ts';
import * as table from '../store/table.ts';
import * as vms from '../store/vms.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const LIST = {
  name: 'vms',
  read: vms.page,
  position: (vm: Vm) => table.positionOf(vms.entity, vm, 'gsi1'),
  view: vmView,
};

const LIVING = { ...LIST, shows: ({ state }: Vm) => state !== 'deleted' };

/** Somebody who asks for deleted VMs, or for one by its id, means them; others do not want to see them. */
const asksForDeleted = (filter: string): boolean => /(^|&)(state|id)[=~]/.test(filter);

/** What VMs are filtered by, with the groups that this filter asks for. @throws InvalidFilter where one is not there */
const fieldsFor = async (project: string, filter: string): Promise<Fields<Vm>> => {
  const known = await groups.askedBy(project, [filter]);
  const missing = missingIn(filter, known);
  if (missing === undefined) return vmFieldsWith(known);
  const errors = [{ pointer: 'query/group', detail: `there is no group ${missing} in ${project}` }];
  throw new Fault('InvalidFilter', `There is no group ${missing} in ${project}.`, { errors });
};

/** GET /v1/vms */
export const listVms = route({
  method: 'GET',
  path: '/v1/vms',
  action: 'list-vms',
  summary: 'List VMs, those of strangers included; deleted ones only where the filter names a state or an id',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(VM_AND_GROUP_FIELDS),
  answers: { 200: pageOf(VmView) },
  handler: async (input, { by }) => {
    const list = asksForDeleted(input.filter) ? LIST : LIVING;
    return listed({ ...list, fields: await fieldsFor(by.project, input.filter) }, input, by);
  },
});
