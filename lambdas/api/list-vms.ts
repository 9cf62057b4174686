import { pageOf, VmView, vmView } from '../domain/view.ts';
import type { Vm } from '../domain/vm.ts';
import { VM_FIELDS } from '../domain/vm-fields.ts';
import * as table from '../store/table.ts';
import * as vms from '../store/vms.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const LIST = {
  name: 'vms',
  fields: VM_FIELDS,
  read: vms.page,
  position: (vm: Vm) => table.positionOf(vms.entity, vm, 'gsi1'),
  view: vmView,
};

const LIVING = { ...LIST, shows: ({ state }: Vm) => state !== 'deleted' };

/** Somebody who asks for deleted VMs, or for one by its id, means them; others do not want to see them. */
const asksForDeleted = (filter: string): boolean => /(^|&)(state|id)[=~]/.test(filter);

/** GET /v1/vms */
export const listVms = route({
  method: 'GET',
  path: '/v1/vms',
  action: 'list-vms',
  summary: 'List VMs, those of strangers included; deleted ones only where the filter names a state or an id',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(VM_FIELDS),
  answers: { 200: pageOf(VmView) },
  handler: (input, { by }) => listed(asksForDeleted(input.filter) ? LIST : LIVING, input, by),
});
