import type { Price } from './price.ts';
import { isOfSchedule, scheduleOf } from './schedule-principal.ts';
import type { Vm } from './vm.ts';
import type { VmState } from './vm-state.ts';

/**
 * The time that VMs are off because a schedule stopped them: read from the changes of their rows, whoever made them. What it
 * was worth is fixed when it begins, at the price of that day.
 */

/** A VM that is off because a schedule stopped it, and is so still. */
export interface TimeOff {
  readonly vmId: string;
  readonly vmName: string;
  readonly project: string;
  readonly scheduleId: string;
  readonly scheduleName: string;
  /** Tag `owner` of the VM, else who made it. */
  readonly owner: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Null where no price is known. */
  readonly usdPerHour: number | null;
  readonly priceKind: Price['kind'];
  /** When its stop had ended. */
  readonly since: string;
  /** Its host has been silent from then on: whether it is still off is known once the host speaks. */
  readonly unknownSince?: string;
  readonly version: number;
}

/** Time off that is over, as far as it lies in one day of UTC. */
export interface DayOff extends Omit<TimeOff, 'unknownSince'> {
  readonly from: string;
  readonly until: string;
  /** Who ended it: the principal that started or deleted the VM, or `outside`. */
  readonly endedBy: string;
}

const OFF: ReadonlySet<VmState> = new Set(['stopped', 'saved']);
/** In these a VM is what it was before, as far as anybody knows. */
const PASSING: ReadonlySet<VmState> = new Set(['unknown', 'stopping']);

const isOff = ({ state, lastState }: Vm): boolean =>
  OFF.has(state) || (PASSING.has(state) && lastState !== undefined && OFF.has(lastState));

/** What a change of a VM's row means for the time that it is off. */
export type Turn =
  /** A schedule's stop has ended; whether it went well stands in the operation. */
  | { readonly kind: 'off'; readonly operationId: string; readonly scheduleId: string; readonly at: string }
  | { readonly kind: 'silent'; readonly at: string }
  | { readonly kind: 'heard' }
  | { readonly kind: 'on'; readonly at: string; readonly by: string };

/** @see Turn; nothing where the change means nothing for it */
export const turnOf = (before: Vm, after: Vm): Turn | undefined => {
  const { lock } = before;
  const at = after.changedAt;
  if (lock && !after.lock && lock.reason === 'stop-vm' && isOfSchedule(lock.by) && OFF.has(after.state)) {
    return { kind: 'off', operationId: lock.operationId, scheduleId: scheduleOf(lock.by), at };
  }
  if (!isOff(before)) return undefined;
  if (!isOff(after)) return { kind: 'on', at, by: after.lock?.by ?? 'outside' };
  if (before.state !== 'unknown' && after.state === 'unknown') return { kind: 'silent', at };
  return before.state === 'unknown' && after.state !== 'unknown' ? { kind: 'heard' } : undefined;
};

/** The first moment of the next day of UTC. */
const dayAfter = (at: number): number =>
  Date.parse(`${new Date(at).toISOString().slice(0, 10)}T00:00:00.000Z`) + 86_400_000;

/** Time off until a moment, cut at the midnights of UTC. None where it ended before it began: two clocks of two places. */
export const daysOff = ({ unknownSince: _, ...off }: TimeOff, until: string, endedBy: string): DayOff[] => {
  const days: DayOff[] = [];
  const end = Date.parse(until);
  for (let from = Date.parse(off.since); from < end; from = dayAfter(from)) {
    const to = Math.min(end, dayAfter(from));
    days.push({ ...off, from: new Date(from).toISOString(), until: new Date(to).toISOString(), endedBy });
  }
  return days;
};

/** When time off ended, or how far it has surely come: while a host is silent nobody knows. */
export const endOf = ({ unknownSince }: Pick<TimeOff, 'unknownSince'>, at: string): string =>
  unknownSince !== undefined && unknownSince < at ? unknownSince : at;
