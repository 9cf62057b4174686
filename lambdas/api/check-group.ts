import { VM_FIELDS } from '../domain/vm-fields.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import { assertFilter, assertVms, refused } from './check-targets.ts';

/**
 * That a group's filter can be read, names no group and is not for every VM, and that its VMs are there, each once. @throws InvalidRequest, InvalidFilter, naming the place
 */
export const assertGroup = async ({
  project,
  vms,
  filter,
}: Pick<VmGroup, 'project' | 'vms' | 'filter'>): Promise<void> => {
  if (filter !== undefined) assertFilter(filter, VM_FIELDS, '');
  const twice = vms.findIndex((id, index) => vms.indexOf(id) < index);
  if (twice >= 0) throw refused(`/vms/${twice}`, 'stands there twice');
  await assertVms(vms, project, '');
};
