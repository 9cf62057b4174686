import { createHash } from 'node:crypto';
import { matchesFilter, parseFilter } from './filter.ts';
import { vmFieldsWith } from './group-members.ts';
import type { LastRun, Late, Schedule, Want } from './schedule.ts';
import { hasCome } from './schedule-due.ts';
import { levelsOf, type OrderNode } from './schedule-order.ts';
import type { Vm } from './vm.ts';
import type { VmGroup } from './vm-group.ts';

/** A node with its VMs, and the nodes that must have come before its turn. */
export interface Group {
  readonly node: OrderNode;
  readonly vms: readonly Vm[];
  readonly before: readonly Group[];
}

/** The VMs of each node: one that several filters fit is the first node's, but where a later one names it. */
const membersOf = (
  nodes: readonly OrderNode[],
  vms: readonly Vm[],
  vmGroups: readonly VmGroup[],
): ReadonlyMap<string, Vm[]> => {
  const fields = vmFieldsWith(vmGroups);
  const members = new Map<string, Vm[]>(nodes.map(({ name }) => [name, []]));
  const all = nodes.map(({ name, vms: ids = [], filter }) => ({
    name,
    ids: new Set(ids),
    terms: filter === undefined ? undefined : parseFilter(filter, fields),
  }));
  for (const vm of vms) {
    const node =
      all.find(({ ids }) => ids.has(vm.id)) ?? all.find(({ terms }) => terms && matchesFilter(terms, fields, vm));
    if (node) members.get(node.name)?.push(vm);
  }
  return members;
};

/**
 * The nodes of an order with their VMs, each behind those that it waits for: on the way down, those that come after it.
 * `vmGroups` are those that the nodes' filters are about.
 */
export const groupsOf = (
  nodes: readonly OrderNode[],
  want: Want,
  vms: readonly Vm[],
  vmGroups: readonly VmGroup[],
): Group[] => {
  const members = membersOf(nodes, vms, vmGroups);
  const made = new Map<string, Group>();
  const upwards = levelsOf(nodes).flat();
  for (const node of want === 'up' ? upwards : upwards.toReversed()) {
    const waitsFor = upwards.filter((each) =>
      want === 'up' ? node.after?.includes(each.name) : each.after?.includes(node.name),
    );
    const before = waitsFor.flatMap(({ name }) => made.get(name) ?? []);
    made.set(node.name, { node, vms: members.get(node.name) ?? [], before });
  }
  return [...made.values()];
};

/** Until when what comes after a node waits although all of its VMs are ready. */
const delayedUntil = ({ node, vms }: Group, want: Want): number =>
  want === 'down' || node.delaySeconds === undefined
    ? 0
    : Math.max(0, ...vms.map(({ ready }) => Date.parse(ready.at) + (node.delaySeconds ?? 0) * 1_000));

/** What a run says of where it is in the order. */
type Progress = Pick<LastRun, 'want' | 'waiting'>;

const isHeld = ({ waiting = [] }: Progress, { node }: Group): boolean => waiting.includes(node.name);

const isPassed = (group: Group, progress: Progress, now: number): boolean =>
  !isHeld(progress, group) &&
  group.vms.every((vm) => hasCome(vm, progress.want)) &&
  delayedUntil(group, progress.want) <= now;

/**
 * The groups whose turn comes now: all that they wait for have come. One without VMs, or whose VMs have come already, keeps
 * none behind it. `groups` are as groupsOf gives them: none lies before one that it waits for.
 */
export const turnsNow = (groups: readonly Group[], { want, waiting = [] }: Progress, now: number): Group[] => {
  let held = waiting;
  return groups.filter((group) => {
    if (!held.includes(group.node.name)) return false;
    const isOn = group.before.every((each) => isPassed(each, { want, waiting: held }, now));
    if (isOn) held = held.filter((name) => name !== group.node.name);
    return isOn;
  });
};

/** When the first delay ends for which, and for nothing else, a node waits; nothing where each waits for VMs. */
export const nextTurn = (groups: readonly Group[], run: Progress, now: number): number | undefined => {
  const ends = groups
    .filter(
      (group) => isHeld(run, group) && group.before.every((each) => isPassed(each, run, Number.POSITIVE_INFINITY)),
    )
    .map(({ before }) => Math.max(0, ...before.map((each) => delayedUntil(each, run.want))))
    .filter((end) => end > now);
  return ends.length === 0 ? undefined : Math.min(...ends);
};

/** The same VM for the same run, and by chance among those of it. */
const byLot = (seed: string) => {
  const lot = ({ id }: Vm): string => createHash('sha256').update(`${seed} ${id}`).digest('hex');
  return (vms: readonly Vm[]): Vm | undefined =>
    vms
      .map((vm) => ({ vm, lot: lot(vm) }))
      .toSorted((a, b) => (a.lot < b.lot ? -1 : 1))
      .at(0)?.vm;
};

/**
 * Ids of one VM for each node that had its turn, that others wait for and that has VMs which have not come. What others come
 * meanwhile changes nothing for who waits. It is drawn by lot, so that of n VMs which come in any order it is about ln n times
 * the drawn one that comes, and not n times.
 */
export const awaitedNow = (groups: readonly Group[], run: Progress & Pick<LastRun, 'plannedAt'>): string[] => {
  const needed = new Set(groups.filter((group) => isHeld(run, group)).flatMap(({ before }) => before));
  const draw = byLot(run.plannedAt);
  return [...needed]
    .filter((group) => !isHeld(run, group))
    .flatMap(({ vms }) => draw(vms.filter((vm) => !hasCome(vm, run.want)))?.id ?? []);
};

/** A node that another needs and that has not come, and the first of its VMs that has not; without one its delay is not over. */
interface Needs {
  readonly node: string;
  readonly vm: Vm | undefined;
}

/** What a node needs and has not got, over those between that wait or have lost it themselves; nothing where all of it has come. */
const needsOf = (group: Group, run: Progress, now: number): Needs | undefined => {
  const first = group.before.find((each) => !isPassed(each, run, now));
  if (first === undefined) return undefined;
  const deeper = needsOf(first, run, now);
  if (isHeld(run, first) || deeper?.vm !== undefined) return deeper;
  return { node: first.node.name, vm: first.vms.find((each) => !hasCome(each, run.want)) };
};

/**
 * Why a VM of a node is late, by what the node needs: one whose turn has not come waits for it, and one that had its turn may
 * have lost it since. `causeOf` says why the needed VM is not where it shall be itself.
 */
export const lateByNeed = (late: Late, group: Group, run: Progress, now: number, causeOf: (vm: Vm) => string): Late => {
  const waits = isHeld(run, group);
  const { node, vm } = needsOf(group, run, now) ?? {};
  if (node === undefined) return waits ? { ...late, cause: 'its turn is about to come' } : late;
  if (vm === undefined) return waits ? { ...late, cause: `waits for ${node}: its delay is not over` } : late;
  const why = `${node}: ${vm.name}: ${causeOf(vm)}`;
  const cause = waits ? `waits for ${why}` : `${late.cause}; it needs ${why}`;
  return { ...late, cause, needs: { node, vmId: vm.id, vmName: vm.name, cause: causeOf(vm) } };
};

/** Where a VM is in its schedule's order. */
interface TurnOf {
  readonly node?: string;
  readonly after?: string[];
}

/** The node of each VM in its schedule's order, and what it is started after, by the VM's id; those without one are left out. */
export const turnsIn = (
  { order = [] }: Schedule,
  vms: readonly Vm[],
  groups: readonly VmGroup[],
): ReadonlyMap<string, TurnOf> =>
  new Map(
    groupsOf(order, 'up', vms, groups).flatMap(({ node: { name, after }, vms: own }) =>
      own.map(({ id }) => [id, { node: name, ...(after ? { after } : {}) }] as const),
    ),
  );
