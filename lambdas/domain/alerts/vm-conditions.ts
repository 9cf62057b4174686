import { tagLabels } from '../metrics/labels.ts';
import { projectOf, projectOption } from '../project.ts';
import { CRASHED, PAUSED_ON_IO_ERROR } from '../trouble.ts';
import type { Vm } from '../vm.ts';
import { isOff, type VmState } from '../vm-state.ts';
import { annotated, type Condition, isAnother } from './condition.ts';
import { type LabelSet, withoutEmpty } from './labels.ts';

/** What the row of a VM says of alerts about it. */

/** While it is in these, what was seen of it last may be so still. */
const PASSING: readonly VmState[] = ['unknown', 'pending', 'stopping', 'deleting', 'migrating'];

/** Where a VM is, as labels of alerts about it. */
export const placeLabels = ({ location, provider }: Pick<Vm, 'location' | 'provider'>): LabelSet =>
  withoutEmpty({
    host: location.hostName ?? location.hostId ?? '',
    host_id: location.hostId ?? '',
    provider,
    region: location.region ?? '',
  });

const labelled = (alertname: string, vm: Vm): Condition['labels'] => ({
  alertname,
  vm: vm.name,
  vm_id: vm.id,
  ...placeLabels(vm),
  severity: 'critical',
});

/** What to type about it. */
const commandOf = (verb: string, vm: Vm): string => `novacron vm ${verb} ${vm.id}${projectOption(projectOf(vm))}`;

const lossOf = ({ state }: Vm): Condition['verdict'] => {
  if (state === 'lost') return 'holds';
  return state === 'unknown' ? 'unknown' : 'over';
};

const lost = (vm: Vm): Condition => ({
  labels: labelled('VmLost', vm),
  verdict: lossOf(vm),
  since: vm.changedAt,
  annotations: annotated(
    `${vm.name} is gone at its provider`,
    [
      vm.ready.message,
      `What is known of it: ${commandOf('get', vm)}`,
      `If it is to be gone: ${commandOf('delete', vm)}`,
    ],
    'vm-lost',
  ),
});

/** In these a VM is down, and its row may say by which trouble. */
const DOWN: readonly VmState[] = ['error', 'suspended', 'stopped', 'saved'];

/** Of a VM that is down by this trouble: another state is its end, and a host that is silent says nothing. */
const troubled = ({ state, ready }: Vm, trouble: string): Condition['verdict'] => {
  if (PASSING.includes(state) || (DOWN.includes(state) && ready.reason === 'HostSilent')) return 'unknown';
  return DOWN.includes(state) && ready.reason === trouble ? 'holds' : 'over';
};

const crashed = (vm: Vm): Condition => ({
  labels: labelled('VmCrashed', vm),
  verdict: troubled(vm, CRASHED),
  since: vm.ready.at,
  annotations: annotated(
    `${vm.name} has crashed`,
    [`Its last words: ${commandOf('log', vm)}`, `Start it again: ${commandOf('start', vm)}`],
    'vm-crashed',
  ),
});

const pausedOnIoError = (vm: Vm): Condition => ({
  labels: labelled('VmPausedOnIoError', vm),
  verdict: troubled(vm, PAUSED_ON_IO_ERROR),
  since: vm.ready.at,
  annotations: annotated(
    `${vm.name} is paused: its host could not read or write its disk`,
    [
      vm.ready.message,
      `With enospc its pool is full, else its disk is bad: make room on ${vm.location.hostName ?? 'its host'}, or mend the disk, then resume it there: virsh resume ${vm.providerId ?? vm.name}`,
      `Nothing is lost while it is paused. What is known of it: ${commandOf('get', vm)}`,
    ],
    'vm-paused-on-io-error',
  ),
});

/** Down, though nobody asked for that here, and no alert of its own says why. */
export const isDownUnasked = ({ managed, lock, desired, state, ready }: Vm): boolean =>
  managed &&
  lock === undefined &&
  desired === 'running' &&
  (isOff(state) || state === 'suspended') &&
  ready.reason !== CRASHED &&
  ready.reason !== PAUSED_ON_IO_ERROR;

/** What a schedule wants of a VM now, and since when. */
export interface PlanOfVm {
  readonly schedule: { readonly id: string; readonly name: string; readonly graceMinutes: number };
  readonly want: 'up' | 'down';
  /** ms since the epoch. */
  readonly at: number;
  readonly because: string;
}

const downOf = (vm: Vm): Condition['verdict'] => {
  if (isDownUnasked(vm)) return 'holds';
  return vm.lock !== undefined || PASSING.includes(vm.state) ? 'unknown' : 'over';
};

const downAgainstPlan = (vm: Vm, plan: PlanOfVm | undefined): Condition => {
  const since = Math.max(Date.parse(vm.changedAt), plan?.at ?? 0);
  const grace = (plan?.schedule.graceMinutes ?? 0) * 60_000;
  return {
    labels: labelled('VmDownAgainstPlan', vm),
    verdict: plan?.want === 'up' ? downOf(vm) : 'over',
    since: new Date(since).toISOString(),
    firesAt: new Date(since + grace).toISOString(),
    annotations: annotated(
      `${vm.name} should be up by schedule ${plan?.schedule.name} and is ${vm.state}`,
      [
        `Planned: ${plan?.because}. Nobody asked NovaCron to stop it.`,
        `Start it: ${commandOf('start', vm)}`,
        `If it is to be off: ${commandOf('stop', vm)}, or another schedule.`,
      ],
      'vm-down-against-plan',
    ),
  };
};

/** Those about a VM of ours; a stranger's are its owner's. Without what is planned, that it is down is judged by its row alone. */
export const vmConditions = (vm: Vm, plan: PlanOfVm | undefined): Condition[] =>
  vm.managed
    ? [lost(vm), crashed(vm), pausedOnIoError(vm), downAgainstPlan(vm, plan)].map((each) => ({
        ...each,
        tags: tagLabels(vm.tags),
      }))
    : [];

/** Whether a change of a VM's row, also its first or its end, is one that alerts are to hear of. */
export const isVmAlerting = (before: Vm | undefined, after: Vm | undefined): boolean => {
  const isDown = (vm: Vm | undefined): boolean => vm !== undefined && isDownUnasked(vm);
  const conditions = (vm: Vm | undefined): Condition[] => (vm ? vmConditions(vm, undefined) : []);
  return isDown(before) !== isDown(after) || isAnother(conditions(before), conditions(after));
};
