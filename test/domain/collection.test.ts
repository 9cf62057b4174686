import { describe, expect, it } from 'vitest';
import {
  allowanceOf,
  type Collector,
  fleetOf,
  isLeftBehind,
  type Leftover,
  leftoversOf,
  planOf,
} from '../../lambdas/domain/collection.ts';
import { found } from '../../lambdas/domain/invariants/kinds.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { aSpec } from '../support/kvm.ts';
import { lockBy, vm as withVm } from '../support/plants.ts';
import { anOperation, serial, soundWorld, vmOf } from '../support/world.ts';

const ENDED = '2026-11-25T11:00:00.000Z';
const NOW = '2026-11-25T11:15:00.000Z';
const { spec: _, ...ADOPTED } = vmOf(1, { state: 'deleted' });

const gone = (more: Partial<Vm> = {}): Vm => vmOf(1, { state: 'deleted', spec: aSpec(), ...more });
const failed = (more: Partial<Operation> = {}): Operation =>
  anOperation(1, { kind: 'create-vm', state: 'failed', endedAt: ENDED, ...more });

describe('what a create left behind', () => {
  it.each([
    ['failed', failed()],
    ['was cancelled', failed({ state: 'cancelled' })],
  ])('is what is there though its create %s', (_, last) => expect(isLeftBehind(gone(), last, NOW)).toBe(true));

  it.each<[string, Vm | undefined, Operation | undefined]>([
    ['has no row', undefined, failed()],
    ['has no operation', gone(), undefined],
    ['is a stranger', gone({ managed: false }), failed()],
    ['nobody asked for', ADOPTED, failed()],
    ['is alive', gone({ state: 'running' }), failed()],
    ['an operation holds', gone(lockBy('op')), failed()],
    ['is kept until its day', gone({ retainedUntil: NOW }), failed()],
    ['another VM’s operation is about', gone(), failed({ vmId: serial('vm', 2) })],
    ['was made', gone(), failed({ state: 'succeeded' })],
    ['wants a person', gone(), failed({ state: 'needs-attention' })],
    ['is still undone', gone(), failed({ state: 'undo-pending' })],
    ['was deleted', gone(), failed({ kind: 'delete-vm' })],
    ['ended a moment ago', gone(), failed({ endedAt: '2026-11-25T11:00:00.001Z' })],
    ['has not ended', gone(), Object.assign(failed(), { endedAt: undefined })],
  ])('is not what %s', (_, vm, last) => expect(isLeftBehind(vm, last, NOW)).toBe(false));
});

describe('the leftovers of an audit', () => {
  const sound = soundWorld(4);
  const created = (number: number, end: Operation['state'], createdAt = ENDED) =>
    anOperation(number, { state: end, createdAt, endedAt: ENDED });
  const world = {
    ...withVm(withVm(sound, 1, { state: 'deleted', spec: aSpec() }), 2, { state: 'deleted' }),
    operations: [created(1, 'failed'), created(2, 'cancelled'), created(3, 'failed')],
  };
  const left = (number: number, kind: 'MachineLeft' | 'FileLeft' | 'VmStuck', place?: string) =>
    found(kind, { subject: serial('vm', number), detail: 'x', place });

  it('are machines and files that a failed create left, each VM once', () => {
    const findings = [left(1, 'MachineLeft', 'eu-central-1'), left(2, 'FileLeft'), left(2, 'FileLeft', 'h-1')];
    expect(leftoversOf(world, findings)).toEqual([
      {
        vmId: serial('vm', 1),
        name: 'vm-1',
        operationId: created(1, 'failed').id,
        provider: 'ec2',
        place: 'eu-central-1',
      },
      { vmId: serial('vm', 2), name: 'vm-2', operationId: created(2, 'failed').id, provider: 'kvm', place: 'h-1' },
    ]);
    expect(leftoversOf(world, [left(2, 'FileLeft')])[0]).not.toHaveProperty('place');
  });

  it('are nothing that is found otherwise, alive, or without a row', () => {
    expect(leftoversOf(world, [left(1, 'VmStuck'), left(3, 'MachineLeft'), left(99, 'FileLeft')])).toEqual([]);
    expect(leftoversOf({ ...world, operations: [] }, [left(1, 'MachineLeft')])).toEqual([]);
  });

  it.each([
    [['2026-11-25T10:00:00.000Z', '2026-11-25T10:30:00.000Z'], 1],
    [['2026-11-25T10:30:00.000Z', '2026-11-25T10:00:00.000Z'], 0],
  ] as const)('are judged by the last operation of the VM, in whatever order they lie: %j', ([ok, bad], count) => {
    const { vmId: __, ...ofHost } = anOperation(9, { kind: 'enrol-host' });
    const operations = [created(1, 'succeeded', ok), { ...created(5, 'failed', bad), vmId: serial('vm', 1) }, ofHost];
    expect(leftoversOf({ ...world, operations }, [left(1, 'MachineLeft')])).toHaveLength(count);
    expect(leftoversOf({ ...world, operations: operations.toReversed() }, [left(1, 'MachineLeft')])).toHaveLength(
      count,
    );
  });

  it('are measured by the fleet: VMs of ours that live', () => {
    expect(fleetOf(sound)).toBe(4);
    expect(fleetOf(withVm(withVm(sound, 0, { managed: false }), 1, { state: 'deleted' }))).toBe(2);
  });
});

it.each([
  [0, 3],
  [60, 3],
  [79, 3],
  [80, 4],
  [1000, 50],
])('of a fleet of %d one run takes at most %d', (fleet, most) => expect(allowanceOf(fleet)).toBe(most));

describe('a run of the collector', () => {
  const leftover = (number: number): Leftover => ({
    vmId: serial('vm', number),
    name: `vm-${number}`,
    operationId: 'op',
    provider: 'kvm',
  });
  const many = (count: number) => Array.from({ length: count }, (_, number) => leftover(number));
  const collector = (more: Partial<Collector> = {}): Collector => ({
    tableId: 't1',
    seenTableId: 't1',
    refused: [],
    approved: [],
    version: 1,
    ...more,
  });

  it('takes a few by itself', () => {
    expect(planOf(many(3), 20, collector())).toEqual({ state: 'open', take: many(3), held: [] });
    expect(planOf([], 20, collector())).toEqual({ state: 'open', take: [], held: [] });
  });

  it('takes nothing where they are many, and says how many', () => {
    expect(planOf(many(4), 20, collector())).toEqual({
      state: 'tripped',
      reason: '4 leftovers in a fleet of 20: one run takes 3 at most.',
      take: [],
      held: many(4),
    });
  });

  it('takes what a person approved, and of the rest what it may', () => {
    const approved = [serial('vm', 0), serial('vm', 3), serial('vm', 99)];
    const [a, b, c, d, e] = many(5);
    expect(planOf(many(5), 20, collector({ approved }))).toEqual({ state: 'open', take: [a, d, b, c, e], held: [] });
    expect(planOf(many(6), 20, collector({ approved }))).toMatchObject({ state: 'tripped', take: [a, d] });
  });

  it('takes nothing by a table that was restored, approved or not', () => {
    const plan = planOf(many(1), 20, collector({ seenTableId: 't2', approved: [serial('vm', 0)] }));
    expect(plan).toEqual({
      state: 'locked',
      reason: expect.stringMatching(/^The state table is t2, not t1: it was restored/),
      take: [],
      held: many(1),
    });
  });
});
