import { digestDue } from './digest.ts';
import { dueFrom, isRun, reachOf, withDue } from './early-start.ts';
import { Fault } from './faults.ts';
import type { Operation } from './operation.ts';
import { nextPlanned, type Plan, type PlannedTime, plannedTimes } from './planned-times.ts';
import type { LastRun, Late, Owed, Schedule, Want } from './schedule.ts';
import { schedulePrincipal } from './schedule-principal.ts';
import type { Vm, VmOperationKind } from './vm.ts';

/** A timer comes each minute; what is found later than this was missed, because the plane was away. */
const MISSED_AFTER_MS = 5 * 60_000;

/** What is owed is tried again at the next tick, and given up an hour after its time. */
const AGAIN_MS = 60_000;
const OWED_FOR_MS = 60 * 60_000;

/** What is to be done for a schedule now. */
export interface Due {
  readonly time: PlannedTime;
  /** Nothing is done: it was missed, and is left out by what the schedule says. */
  readonly skipped: boolean;
}

const isLeftOut = ({ missed }: Schedule, { at, bounded }: PlannedTime, now: number): boolean => {
  if (now - at <= MISSED_AFTER_MS || missed === 'late') return false;
  return missed === 'skip' || !bounded;
};

/**
 * The one time that counts: where several have passed since the last run, the last of them, since it is what is wanted now.
 * A start may be due before its time (early-start.ts), and then not again at it. Nothing where none has come.
 */
export const dueTime = (schedule: Schedule & Plan, now: number): Due | undefined => {
  const since = Date.parse(schedule.ranThrough);
  const times = withDue(schedule, plannedTimes(schedule, since, now + reachOf(schedule)), since);
  const time = times.findLast(({ from }) => from <= now)?.time;
  return time && !isRun(schedule, time) ? { time, skipped: isLeftOut(schedule, time, now) } : undefined;
};

/** When VMs were last asked for in their turn; without an order, when it ran. An early start counts from its time. */
const lastTurn = ({ plannedAt, ranAt, turnAt = ranAt }: LastRun): number =>
  Math.max(Date.parse(turnAt), Date.parse(plannedAt));

/** When it is looked whether the VMs of the last run have come to where they shall be; nothing where that was done. */
export const checkDue = ({ lastRun, graceMinutes }: Schedule): number | undefined =>
  lastRun === undefined || lastRun.skipped || lastRun.checkedAt !== undefined
    ? undefined
    : lastTurn(lastRun) + graceMinutes * 60_000;

/** Whether the last run is still to bring VMs to where it wanted them. */
const isOwing = ({ lastRun }: Schedule, now: number): boolean =>
  lastRun !== undefined && lastRun.owed.length > 0 && now - lastTurn(lastRun) < OWED_FOR_MS;

/** Whether nodes of the order still wait for their turn in the last run. */
export const isWaiting = ({ lastRun }: Schedule, now: number): boolean =>
  lastRun?.waiting !== undefined && lastRun.waiting.length > 0 && now - lastTurn(lastRun) < OWED_FOR_MS;

/** Whether a schedule in which nodes wait can go on once this VM has come. One noted before there was such a list awaits any. */
export const isAwaiting = ({ lastRun }: Schedule, vmId: string): boolean => lastRun?.awaits?.includes(vmId) ?? true;

/** Whether memory of VMs is still being kept by the last run. */
const isKeeping = ({ lastRun }: Schedule, now: number): boolean =>
  lastRun?.keeping !== undefined && lastRun.keeping.length > 0 && now - lastTurn(lastRun) < OWED_FOR_MS;

/** Whether the last run is to be gone on with: it owes, it waits, or it keeps. */
export const isUnderWay = (schedule: Schedule, now: number): boolean =>
  isOwing(schedule, now) || isWaiting(schedule, now) || isKeeping(schedule, now);

/** A run may lie between two ticks, where an event woke it. */
const nextTick = (now: number): number => Math.floor(now / AGAIN_MS) * AGAIN_MS + AGAIN_MS;

/** From when on its next time is due. */
const nextDue = (schedule: Schedule & Plan): number | undefined => {
  const since = Date.parse(schedule.ranThrough);
  const first = nextPlanned(schedule, since);
  if (first === undefined || !isRun(schedule, first)) return first && dueFrom(schedule, first, since);
  const next = nextPlanned(schedule, first.at);
  return next && dueFrom(schedule, next, first.at);
};

/**
 * When a schedule is next to be looked at, in its row: its next time, its check, its digest, or soon again where VMs are owed,
 * wait for others, or have their memory kept.
 */
export const lookedAtNext = (schedule: Schedule & Plan, now: number): Schedule => {
  const { nextAt: _, holidays: __, windowTimes: ___, ...rest } = schedule;
  if (!schedule.enabled) return rest;
  const next = nextDue(schedule);
  const again = isUnderWay(schedule, now) ? nextTick(now) : undefined;
  const [first] = [next, again, checkDue(schedule), digestDue(schedule)]
    .filter((at) => at !== undefined)
    .toSorted((a, b) => a - b);
  return first === undefined ? rest : { ...rest, nextAt: new Date(first).toISOString() };
};

const UP = new Set<Vm['state']>(['running']);
const DOWN = new Set<Vm['state']>(['stopped', 'saved']);

/** What brings a VM to where it shall be; nothing where it is there, or on its way. @throws HostUnreachable, VmLost, VmLocked */
export const changeFor = (vm: Vm, want: Want): VmOperationKind | undefined => {
  if ((want === 'up' ? UP : DOWN).has(vm.state) && !vm.lock) return undefined;
  if (vm.lock && vm.desired === (want === 'up' ? 'running' : 'stopped')) return undefined;
  if (vm.state === 'unknown') throw new Fault('HostUnreachable', `${vm.name}: its host is silent. It is asked again.`);
  if (vm.state === 'lost') throw new Fault('VmLost', `${vm.name} is gone at its provider.`);
  return want === 'up' ? 'start-vm' : 'stop-vm';
};

/** Whether somebody else has changed a VM since a run: then it stays as it is. `last` is the newest operation of the VM. */
export const isTheirs = ({ id }: Schedule, { ranAt }: LastRun, last: Operation | undefined): boolean =>
  last !== undefined && last.createdAt >= ranAt && last.by !== schedulePrincipal(id);

/** How a fault is remembered in the row. */
export const owedFor = (vm: Vm, { name, message }: Fault): Owed => ({
  vmId: vm.id,
  fault: name,
  detail: message.slice(0, 300),
});

/** Whether a VM is where it shall be, and, where it shall be up, ready. */
export const hasCome = ({ state, ready }: Vm, want: Want): boolean =>
  want === 'up' ? UP.has(state) && ready.status === 'true' : DOWN.has(state);

/** Why it is not: what was met when it was asked for, or what its row says. */
const causeOf = (vm: Vm, want: Want, owed: readonly Owed[]): string => {
  const met = owed.find(({ vmId }) => vmId === vm.id);
  if (met) return `${met.fault}: ${met.detail}`;
  if (vm.lock) return `${vm.lock.reason} by ${vm.lock.by} is under way since ${vm.lock.since}`;
  return want === 'up' && vm.state === 'running' ? `${vm.ready.reason}: ${vm.ready.message}` : `it is ${vm.state}`;
};

const UNDONE = ', though its operation ended well: somebody changed it outside of NovaCron';

/** Its operation went well, and it is elsewhere now, with no other operation of ours. */
const isUndone = (vm: Vm, since: Operation | undefined): boolean =>
  since?.state === 'succeeded' && !vm.lock && (since.kind === 'stop-vm') === UP.has(vm.state) && vm.state !== 'unknown';

/**
 * Why a VM is not where its schedule's last run wanted it; nothing where it is, or where somebody else has changed it since:
 * then it is as that person wants it, until the next time. `last` is the newest operation of the VM.
 */
export const lateness = (vm: Vm, schedule: Schedule, last: Operation | undefined): Late | undefined => {
  const { lastRun } = schedule;
  if (lastRun === undefined || hasCome(vm, lastRun.want) || isTheirs(schedule, lastRun, last)) return undefined;
  const since = last !== undefined && last.createdAt >= lastRun.ranAt ? last : undefined;
  const cause = since?.error
    ? `${since.error.name}: ${since.error.detail}`
    : `${causeOf(vm, lastRun.want, lastRun.owed)}${isUndone(vm, since) ? UNDONE : ''}`;
  return { vmId: vm.id, vmName: vm.name, state: vm.state, cause: cause.slice(0, 300) };
};
