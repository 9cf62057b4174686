import { KEPT } from '../domain/late-causes.ts';
import type { LastRun, Late, Schedule } from '../domain/schedule.ts';
import { hasCome, isTheirs, lateness } from '../domain/schedule-due.ts';
import { keptSoFar, type Wish } from '../domain/schedule-stops.ts';
import { awaitedNow, groupsOf, lateByNeed, nextTurn, turnsNow } from '../domain/schedule-turns.ts';
import type { Vm } from '../domain/vm.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as operations from '../store/operations.ts';
import { atMost } from './chunks.ts';

/** VMs whose operations are asked after at once. */
const AT_ONCE = 20;

/** The VMs that obey a schedule now, and the groups that it was reckoned by. */
export interface Covered {
  readonly vms: readonly Vm[];
  readonly groups: readonly VmGroup[];
}

/** Where a run is in its schedule's order. */
interface InTurn extends Pick<LastRun, 'waiting' | 'awaits' | 'turnAt' | 'nextTurnAt'> {
  /** VMs of the nodes whose turn comes now. */
  readonly turn: readonly Vm[];
  /** VMs without a turn, and of nodes that had theirs before. */
  readonly free: readonly Vm[];
}

/** Whose turn it is, and who waits on; without an order all VMs are free. */
export const inTurn = (schedule: Schedule, run: LastRun, covered: Covered, at: string): InTurn => {
  if (run.waiting === undefined) return { turn: [], free: covered.vms };
  const groups = groupsOf(schedule.order ?? [], run.want, covered.vms, covered.groups);
  const before = new Set(run.waiting);
  const now = new Set(turnsNow(groups, run, Date.parse(at)).map(({ node }) => node.name));
  const bound = new Set(groups.filter(({ node }) => before.has(node.name)).flatMap(({ vms }) => vms));
  // A node that was taken out of the order meanwhile waits for nothing.
  const waiting = groups.map(({ node }) => node.name).filter((name) => before.has(name) && !now.has(name));
  const next = nextTurn(groups, { want: run.want, waiting }, Date.parse(at));
  return {
    turn: groups.filter(({ node }) => now.has(node.name)).flatMap(({ vms }) => vms),
    free: covered.vms.filter((vm) => !bound.has(vm)),
    waiting,
    awaits: awaitedNow(groups, { ...run, waiting }),
    ...(next === undefined ? {} : { nextTurnAt: new Date(next).toISOString() }),
    ...(now.size > 0 ? { turnAt: at } : {}),
  };
};

/** The newest operation of each VM. */
const lastOf = async (vms: readonly Vm[]) => {
  const last = new Map<string, operations.Scene['operation'] | undefined>();
  await atMost(AT_ONCE, vms, async ({ id }) => {
    last.set(id, (await operations.pageOf({ vmId: id }, { limit: 1 })).rows[0]);
  });
  return last;
};

/** Ids of those whose turn has come and that somebody else has changed since the run began: they stay as that person wants them. */
export const heldFromTurn = async (
  schedule: Schedule,
  run: LastRun,
  turn: readonly Vm[],
): Promise<ReadonlySet<string>> => {
  // In its first look a run puts in place what is wanted now, whoever changed it before.
  if (run !== schedule.lastRun) return new Set();
  const last = await lastOf(turn);
  return new Set(turn.filter(({ id }) => isTheirs(schedule, run, last.get(id))).map(({ id }) => id));
};

/** What has become of those whose memory the run was to keep. */
interface SoFar {
  /** Ids of those for which that goes on. */
  readonly keeping: readonly string[];
  /** Those for which it failed. */
  readonly failed: readonly Wish[];
}

/** @see keptSoFar */
export const keptOfRun = async (schedule: Schedule, run: LastRun, covered: readonly Vm[]): Promise<SoFar> => {
  const ids = new Set(run.keeping);
  const kept = covered.filter(({ id }) => ids.has(id));
  const last = await lastOf(kept.filter(({ lock, state }) => !lock && state === 'running'));
  const found = kept.map((vm) => [vm.id, keptSoFar(vm, schedule, run, last.get(vm.id))] as const);
  return {
    keeping: found.flatMap(([id, is]) => (is === 'wait' ? [id] : [])),
    failed: found.flatMap(([, is]) => (is === undefined || is === 'wait' ? [] : [is])),
  };
};

/** Those that others wait for before those that wait: people are told of the first ones by name. */
const rootsFirst = (a: Late, b: Late): number =>
  Number(a.needs !== undefined) - Number(b.needs !== undefined) || (a.vmName < b.vmName ? -1 : 1);

/** The VMs that are not where the last run wants them, each with its cause, which may be that of a VM that it waits for. */
export const lateInOrder = async (schedule: Schedule, covered: Covered, now: number): Promise<Late[]> => {
  const { lastRun, order = [] } = schedule;
  // Only those that are not where they shall be are asked about further.
  const last = await lastOf(covered.vms.filter((vm) => lastRun && !hasCome(vm, lastRun.want)));
  const late = new Map(covered.vms.map((vm) => [vm.id, lateness(vm, schedule, last.get(vm.id))]));
  const groups = lastRun ? groupsOf(order, lastRun.want, covered.vms, covered.groups) : [];
  const groupOf = new Map(groups.flatMap((group) => group.vms.map(({ id }) => [id, group])));
  const causeOf = ({ id, state }: Vm): string => late.get(id)?.cause ?? `it is ${state}, ${KEPT}`;
  const byNeed = (each: Late): Late => {
    const group = groupOf.get(each.vmId);
    return lastRun && group ? lateByNeed(each, group, lastRun, now, causeOf) : each;
  };
  return [...late.values()]
    .filter((each) => each !== undefined)
    .map(byNeed)
    .map((each) => ({ ...each, cause: each.cause.slice(0, 300) }))
    .toSorted(rootsFirst);
};
