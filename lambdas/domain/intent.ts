import type { Asked } from './asked.ts';
import type { Host } from './host.ts';
import { type Operation, stepsOf } from './operation.ts';
import { projectOf } from './project.ts';
import { type OperationKind, TRANSITIONS, type Vm, type VmOperationKind } from './vm.ts';

/** A change of a VM or a host that is to be begun. */
export interface Change {
  readonly kind: OperationKind;
  /** The VM's row as it was read; for create-vm the row to be made. */
  readonly vm?: Vm;
  /** The host a VM is placed on (create-vm, undelete-vm on KVM), or that is enrolled. */
  readonly host?: Host;
  /** What the workflow needs beside the rows. */
  readonly input: Operation['input'];
}

/** The intent row of a change, as it is written before any side effect. */
export const intentOf = (id: string, asked: Asked, { kind, vm, host, input }: Change): Operation => {
  const hostId = vm?.location.hostId ?? host?.id;
  return {
    id,
    project: projectOf(vm ?? {}),
    kind,
    state: 'queued',
    ...(vm ? { vmId: vm.id, vmName: vm.name, provider: vm.provider } : {}),
    ...(hostId === undefined ? {} : { hostId }),
    by: asked.by.id,
    input: kind === 'create-vm' && vm?.spec?.imageId ? { ...input, imageId: vm.spec.imageId } : input,
    ...(vm && kind !== 'create-vm' ? { before: { state: vm.state, desired: vm.desired } } : {}),
    requestHash: asked.hash,
    steps: stepsOf(kind, input).map((name) => ({ name, state: 'pending' })),
    attempt: 0,
    cancelRequested: false,
    createdAt: asked.at,
    version: 1,
  };
};

/** The longest machine takes two hours; after this the sweeper asks whether the execution is still there. */
const LOCK_MS = 2 * 3_600_000;

/** The VM, held by an operation. */
export const locked = (vm: Vm, operation: Operation): Vm => ({
  ...vm,
  lock: {
    operationId: operation.id,
    reason: operation.kind,
    by: operation.by,
    since: operation.createdAt,
    expiresAt: new Date(Date.parse(operation.createdAt) + LOCK_MS).toISOString(),
  },
});

const DESIRED: Partial<Record<OperationKind, Vm['desired']>> = {
  'start-vm': 'running',
  'stop-vm': 'stopped',
  'delete-vm': 'deleted',
  'undelete-vm': 'stopped',
};

/** The VM while an operation has it: locked, on its way, and remembering what it was. */
export const underWay = (vm: Vm, operation: Operation, kind: VmOperationKind): Vm => ({
  ...locked(vm, operation),
  state: TRANSITIONS[kind].via,
  lastState: vm.state,
  desired: DESIRED[kind] ?? vm.desired,
  changedAt: operation.createdAt,
});
