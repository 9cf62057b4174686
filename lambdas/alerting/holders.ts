import { filtersOf } from '../domain/group-members.ts';
import { type Holder, holdersOf } from '../domain/schedule-cover.ts';
import type { Vm } from '../domain/vm.ts';
import * as groups from '../store/groups.ts';
import * as schedules from '../store/schedules.ts';

/** Which schedule has each of these VMs of a project; those that none has are left out. */
export const holdersAmong = async (project: string, vms: readonly Vm[]): Promise<Holder[]> => {
  const all = vms.length === 0 ? [] : await schedules.allOf(project);
  if (all.length === 0) return [];
  return holdersOf(all, vms, await groups.askedBy(project, all.flatMap(filtersOf)));
};
