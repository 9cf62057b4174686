import { type Fields, matchesFilter, parseFilter, type Term } from './filter.ts';
import { vmFieldsWith } from './group-members.ts';
import type { MaintenanceWindow } from './maintenance-window.ts';
import type { Targets } from './period.ts';
import type { Schedule } from './schedule.ts';
import type { Vm } from './vm.ts';
import type { VmGroup } from './vm-group.ts';

/** A schedule, or a window, with its filter read once, for the many VMs it is asked about. */
interface Coverage<T> {
  readonly of: T;
  readonly ids: ReadonlySet<string>;
  readonly terms: readonly Term[] | undefined;
}

const coverageOf = <T extends { readonly targets: Targets }>(of: T, fields: Fields<Vm>): Coverage<T> => {
  const { vms, filter } = of.targets;
  return { of, ids: new Set(vms), terms: filter === undefined ? undefined : parseFilter(filter, fields) };
};

const covers = ({ ids, terms }: Coverage<unknown>, fields: Fields<Vm>, vm: Vm): boolean =>
  ids.has(vm.id) || (terms !== undefined && matchesFilter(terms, fields, vm));

/** The higher priority first; of equals the older one, whose id is the smaller. */
const byRank = (a: Schedule, b: Schedule): number => b.priority - a.priority || (a.id < b.id ? -1 : 1);

/** What a schedule can turn on and off at all: VMs of ours that are there. */
const isScheduled = ({ managed, state }: Vm): boolean => managed && state !== 'deleted' && state !== 'deleting';

/** Which schedule has a VM, and those that cover it too and stand back. */
export interface Holder {
  readonly vm: Vm;
  readonly schedule: Schedule;
  /** In the order in which they would have it. */
  readonly behind: readonly Schedule[];
}

/**
 * Whose each VM is among a project's schedules. One VM obeys one schedule at any time: that of the highest priority, of
 * equals the older one. A VM that none covers is left out, a schedule that is not enabled counts for nothing. `groups` are
 * those that the schedules' filters are about.
 */
export const holdersOf = (schedules: readonly Schedule[], vms: readonly Vm[], groups: readonly VmGroup[]): Holder[] => {
  const fields = vmFieldsWith(groups);
  const all = schedules
    .filter(({ enabled }) => enabled)
    .toSorted(byRank)
    .map((schedule) => coverageOf(schedule, fields));
  return vms.filter(isScheduled).flatMap((vm) => {
    const [first, ...behind] = all.filter((each) => covers(each, fields, vm));
    return first ? [{ vm, schedule: first.of, behind: behind.map((each) => each.of) }] : [];
  });
};

/** The windows that are about a VM; `groups` are those that their filters are about. */
export const windowsOver = <T extends MaintenanceWindow>(
  vm: Vm,
  windows: readonly T[],
  groups: readonly VmGroup[],
): T[] => {
  const fields = vmFieldsWith(groups);
  return windows.filter((window) => covers(coverageOf(window, fields), fields, vm));
};
