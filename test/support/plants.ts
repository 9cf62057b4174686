import type { FindingKind } from '../../lambdas/domain/invariants/kinds.ts';
import type { World } from '../../lambdas/domain/invariants/world.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { aHost } from './kvm.ts';
import { anOperation, NOW, opId, serial, vmOf } from './world.ts';

const HOST = aHost().id;

const LONG_AGO = '2026-11-25T01:00:00.000Z';
/** That an operation holds it. */
export const lockBy = (operationId: string): Pick<Vm, 'lock'> => ({
  lock: { operationId, reason: 'create-vm', by: 't', since: LONG_AGO, expiresAt: NOW },
});

/** Changes the VM of a number. */
export const vm = (world: World, number: number, changes: Partial<Vm>): World => ({
  ...world,
  vms: world.vms.map((each) => (each.id === serial('vm', number) ? { ...each, ...changes } : each)),
});

/** Changes the operation of the VM of a number. */
export const operation = (world: World, number: number, changes: Partial<Operation>): World => ({
  ...world,
  operations: world.operations.map((each) => (each.id === opId(number) ? { ...each, ...changes } : each)),
});

/** The list without what is of this VM. */
export const without = <K extends 'machines' | 'names' | 'clones' | 'files' | 'vms'>(
  world: World,
  key: K,
  number: number,
): World => ({
  ...world,
  [key]: world[key].filter((row) => ![...Object.values(row)].includes(serial('vm', number))),
});

export const plus = <K extends keyof World>(
  world: World,
  key: K,
  row: World[K] extends readonly (infer Row)[] ? Row : never,
): World => ({
  ...world,
  // The key names a list, by the type of the row.
  [key]: [...(world[key] as readonly unknown[]), row],
});

/** Adds an operation that runs, and its open row. */
export const open = (world: World, changes: Partial<Operation>): World => {
  const { endedAt: _, ...under } = anOperation(90, { state: 'running', vmId: serial('vm', 90), ...changes });
  return plus(plus(world, 'operations', under), 'opens', under.id);
};

/** A number of a KVM VM. */
const kvm = (i: number) => i * 2;
const stranger = (i: number) => serial('vm', 10_000 + i);

/** A VM that is deleted, with nothing left of it. */
const gone = (world: World, number: number): World => {
  const rows = (['machines', 'names', 'clones', 'files'] as const).reduce(
    (left, key) => without(left, key, number),
    world,
  );
  const after = vm(rows, number, { state: 'deleted' });
  const [host] = after.hosts;
  if (number % 2 === 1 || host === undefined) return after;
  const { vcpus, memoryMiB, diskGiB } = host.allocated;
  return {
    ...after,
    hosts: [{ ...host, allocated: { vcpus: vcpus - 1, memoryMiB: memoryMiB - 256, diskGiB: diskGiB - 1 } }],
  };
};

const file = (i: number, kind: 'disk' | 'retained') => ({ hostId: HOST, vmId: stranger(i), kind, bytes: 1 });
const machineOf = (vmId: string, place = HOST) =>
  ({ provider: 'kvm', place, providerId: `uuid-${vmId}`, vmId, state: 'running' }) as const;

/** For each kind of finding: the i-th plant of it, in a world that has been sound. */
export const PLANTS: Readonly<Record<FindingKind, (world: World, i: number) => World>> = {
  OperationOverdue: (world, i) => {
    const open = anOperation(20_000 + i, { kind: 'stop-vm', vmId: stranger(i), state: 'running', createdAt: LONG_AGO });
    return plus(plus(world, 'operations', open), 'opens', open.id);
  },
  OperationUnswept: (world, i) =>
    plus(world, 'operations', anOperation(20_000 + i, { vmId: stranger(i), state: 'queued' })),
  OpenRowLeft: (world, i) => plus(world, 'opens', opId(i)),
  VmHeldByNobody: (world, i) => vm(world, i, lockBy(opId(i))),
  VmStuck: (world, i) => vm(world, i, { state: 'stopping' }),
  NeedsAttention: (world, i) => {
    const error = { name: 'ProviderDenied', detail: 'no' };
    const stopped = operation(vm(world, i, { state: 'error' }), i, { state: 'needs-attention', error });
    return {
      ...stopped,
      machines: stopped.machines.map((each) => (each.vmId === serial('vm', i) ? { ...each, state: 'error' } : each)),
    };
  },
  ScheduleOverdue: (world, i) => {
    const schedule = { id: serial('sch', i), name: `hours-${i}`, project: 'default' };
    const named = plus(world, 'names', { kind: 'schedule', name: schedule.name, holder: schedule.id });
    return plus(named, 'schedules', { ...schedule, nextAt: LONG_AGO });
  },
  VmTwice: (world, i) => plus(world, 'machines', machineOf(serial('vm', i), 'h-000000000000000f')),
  MachineWithoutVm: (world, i) => plus(world, 'machines', machineOf(stranger(i))),
  MachineLeft: (world, i) => plus(gone(world, i), 'machines', machineOf(serial('vm', i))),
  FileWithoutVm: (world, i) => plus(world, 'files', file(i, 'disk')),
  FileLeft: (world, i) => plus(gone(world, i), 'files', { ...file(i, 'disk'), vmId: serial('vm', i) }),
  RetainedWithoutVm: (world, i) => plus(world, 'files', file(i, 'retained')),
  VolumeWithoutInstance: (world, i) =>
    plus(world, 'volumes', { region: 'eu-central-1', id: `vol-${i}`, attached: false, createdAt: LONG_AGO }),
  NameWithoutHolder: (world, i) => plus(world, 'names', { kind: 'vm', name: `left-${i}`, holder: stranger(i) }),
  NameNotHeld: (world, i) => without(world, 'names', i),
  CloneWithoutVm: (world, i) => plus(world, 'clones', { imageId: 'img-1', vmId: stranger(i) }),
  CloneNotHeld: (world, i) => without(world, 'clones', kvm(i)),
  UserDataLeft: (world, i) => plus(world, 'userData', { vmId: stranger(i), at: LONG_AGO }),
  VmAdopted: (world, i) => {
    const { spec: _, ...found } = vmOf(10_001 + i * 2);
    return plus(plus(world, 'vms', found), 'machines', machineOf(found.id, 'eu-central-1'));
  },
  StateDiffers: (world, i) => vm(world, i, { state: 'stopped' }),
  VmNotSeen: (world, i) => without(world, 'machines', i),
  VmElsewhere: (world, i) =>
    plus(without(world, 'machines', i), 'machines', machineOf(serial('vm', i), 'h-000000000000000f')),
  VmLost: (world, i) => without(vm(world, i, { state: 'lost' }), 'machines', i),
  OperationsOverlap: (world, i) => {
    const second = anOperation(20_000 + i, {
      kind: 'stop-vm',
      vmId: serial('vm', i),
      createdAt: '2026-11-25T10:00:30.000Z',
    });
    const told = plus(world, 'audits', { operationId: second.id, outcome: 'succeeded', at: NOW });
    return vm(plus(told, 'operations', second), i, { version: 9 });
  },
  TransitionIllegal: (world, i) =>
    operation(world, i, { kind: 'reboot-vm', before: { state: 'lost', desired: 'running' } }),
  HistoryBroken: (world, i) => operation(world, i, { endedAt: LONG_AGO }),
  EndNotTold: (world, i) => ({
    ...world,
    audits: world.audits.filter(({ operationId, outcome }) => operationId !== opId(i) || outcome === 'accepted'),
  }),
  EndToldTwice: (world, i) => plus(world, 'audits', { operationId: opId(i), outcome: 'failed', at: NOW }),
  AllocationDiffers: (world, i) =>
    plus(
      world,
      'hosts',
      aHost({ id: serial('h', i), name: `h-${i}`, allocated: { vcpus: 1, memoryMiB: 0, diskGiB: 0 } }),
    ),
  ProjectMiscounted: (world, i) => ({ ...world, counts: new Map(world.counts).set(`p-${i}`, i + 1) }),
  HostOverfull: (world, i) => {
    const id = serial('h', i);
    const large = vmOf(kvm(20_000 + i), {
      id: stranger(i),
      location: { hostId: id },
      vcpus: 33,
      memoryMiB: 1,
      disks: [],
    });
    const { lock: _, ...held } = { ...large, state: 'stopped' as const };
    const full = plus(
      world,
      'hosts',
      aHost({ id, name: `h-${i}`, allocated: { vcpus: 33, memoryMiB: 1, diskGiB: 0 } }),
    );
    return plus(plus(full, 'vms', held), 'machines', { ...machineOf(held.id, id), state: 'stopped' });
  },
  AttemptsOverBudget: (world, i) => operation(world, i, { attempt: 1000 }),
  ProjectUnknown: (world, i) => vm(world, i, { project: 'gone' }),
  ProjectDeleted: (world, i) => ({
    ...vm(world, i, { project: 'old' }),
    projects: new Set(['default', 'old']),
    deleted: new Set(['old']),
  }),
  ProjectDiffers: (world, i) => ({
    ...operation(vm(world, i, { project: 'a' }), i, { project: 'b' }),
    projects: new Set(['a', 'b', 'default']),
  }),
  RowMisplaced: (world, i) => plus(world, 'misplaced', { subject: `vm#${i} vm`, detail: 'gsi1pk is x' }),
  SecretInRow: (world, i) => plus(world, 'leaks', { subject: `vm#${i} vm`, detail: 'a private key' }),
  TableRestored: (world) => ({ ...world, table: { id: 'table-2', remembered: 'table-1' } }),
  TooManyLeftovers: (world) => world,
};
