import { Fault } from './faults.ts';
import { type Fields, matchesFilter, parseFilter } from './filter.ts';
import type { Targets } from './period.ts';
import type { OrderNode } from './schedule-order.ts';
import type { Vm } from './vm.ts';
import { VM_FIELDS } from './vm-fields.ts';
import type { VmGroup } from './vm-group.ts';

/** What VMs are filtered by where these are the groups: `group` holds the names of all that a VM is in at this moment. */
export const vmFieldsWith = (groups: readonly VmGroup[]): Fields<Vm> => {
  const all = groups.map(({ name, vms, filter }) => ({
    name,
    ids: new Set(vms),
    terms: filter === undefined ? undefined : parseFilter(filter, VM_FIELDS),
  }));
  const group = (vm: Vm): string[] =>
    all
      .filter(({ ids, terms }) => ids.has(vm.id) || (terms !== undefined && matchesFilter(terms, VM_FIELDS, vm)))
      .map(({ name }) => name);
  return { ...VM_FIELDS, plain: { ...VM_FIELDS.plain, group } };
};

/** What VMs are filtered by, to read a filter with: it knows of no VM in which groups it is. */
export const VM_AND_GROUP_FIELDS = vmFieldsWith([]);

/** Names of the groups that a filter is about. @throws InvalidFilter */
export const groupsIn = (filter: string): string[] =>
  parseFilter(filter, VM_AND_GROUP_FIELDS).flatMap(({ field, op, value }) => {
    if (field !== 'group') return [];
    // A part of a name would be groups that are yet to be made.
    if (op === '~' || op === '!~') throw new Fault('InvalidFilter', 'group takes = and != and whole names.');
    return value.split(',');
  });

/** The first group that a filter is about and that is none of these. @throws InvalidFilter */
export const missingIn = (filter: string, known: readonly VmGroup[]): string | undefined =>
  groupsIn(filter).find((name) => !known.some((group) => group.name === name));

/** What says which VMs it is about: a schedule, or a window, which has no order. */
interface About {
  readonly targets: Targets;
  readonly order?: readonly OrderNode[] | undefined;
}

/** The filters by which it says so. */
export const filtersOf = ({ targets, order = [] }: About): string[] =>
  [targets.filter, ...order.map(({ filter }) => filter)].filter((filter) => filter !== undefined);

/** Names of the groups that a schedule or a window is about, each once. @throws InvalidFilter */
export const groupsAbout = (about: About): string[] => [...new Set(filtersOf(about).flatMap(groupsIn))];
