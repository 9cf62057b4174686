import type { Operation } from '../operation.ts';
import type { Schedule } from '../schedule.ts';
import { hasCome } from '../schedule-due.ts';
import type { Vm } from '../vm.ts';
import { isResolvedAt } from './alert.ts';
import type { AlertRow } from './alert-row.ts';

/** When alerts are over that were raised by what happened. */

/** The VMs that a schedule's last look found late; undefined where that look is of before the alert, or is still to come. */
export const lateBehind = (
  { startsAt }: Pick<AlertRow, 'startsAt'>,
  { lastRun }: Pick<Schedule, 'lastRun'>,
): readonly string[] | undefined => {
  if (lastRun?.checkedAt === undefined || lastRun.plannedAt < startsAt) return undefined;
  return lastRun.late?.map(({ vmId }) => vmId) ?? [];
};

/** Whether a missed schedule is so no more: it was met since, its late VMs have come by now, or it wants nothing any more. */
export const isMet = (
  alert: Pick<AlertRow, 'startsAt'>,
  schedule: Schedule | undefined,
  vms: readonly Vm[],
): boolean => {
  if (schedule === undefined || !schedule.enabled) return true;
  const late = lateBehind(alert, schedule);
  const { lastRun } = schedule;
  if (late === undefined || lastRun === undefined) return false;
  const known = new Map(vms.map((vm) => [vm.id, vm]));
  return late.every((id) => {
    const vm = known.get(id);
    return vm === undefined || vm.state === 'deleted' || hasCome(vm, lastRun.want);
  });
};

/** Whether an operation that failed is of no account any more: its hour is over, or the same went well since. */
export const isMadeGood = (
  alert: Pick<AlertRow, 'endsAt'>,
  failed: Pick<Operation, 'kind' | 'createdAt'> | undefined,
  later: readonly Pick<Operation, 'kind' | 'state' | 'createdAt'>[],
  now: number,
): boolean =>
  isResolvedAt(alert, now) ||
  later.some(
    ({ kind, state, createdAt }) =>
      failed !== undefined && kind === failed.kind && state === 'succeeded' && createdAt > failed.createdAt,
  );
