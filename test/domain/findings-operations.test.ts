import { describe, expect, it } from 'vitest';
import type { World } from '../../lambdas/domain/invariants/world.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { found, kindsOf } from '../support/found.ts';
import { plus, open as withOpen, operation as withOperation, vm as withVm } from '../support/plants.ts';
import { anOperation, NOW, opId, serial, soundWorld } from '../support/world.ts';

const SOUND = soundWorld(6);
const vm = (changes: Partial<Vm>, number = 2) => withVm(SOUND, number, changes);
const at = (hours: number) => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();
const earlier = (instant: string, millis: number) => new Date(Date.parse(instant) - millis).toISOString();

const operation = (changes: Partial<Operation>, world: World = SOUND) => withOperation(world, 2, changes);
const open = (changes: Partial<Operation>) => withOpen(SOUND, changes);

describe('a schedule', () => {
  const planned = (nextAt?: string): World => {
    const row = { id: serial('sch', 1), name: 'hours', project: 'default' };
    const named = plus(SOUND, 'names', { kind: 'schedule', name: row.name, holder: row.id });
    return plus(named, 'schedules', { ...row, ...(nextAt === undefined ? {} : { nextAt }) });
  };

  it('is overdue a quarter of an hour after its time, and not where it waits for it or has none', () => {
    expect(kindsOf(planned(at(1 / 4)))).toEqual([]);
    expect(kindsOf(planned(earlier(at(1 / 4), 1)))).toEqual(['ScheduleOverdue']);
    expect(kindsOf(planned(at(-24)))).toEqual([]);
    expect(kindsOf(planned())).toEqual([]);
  });
});

describe('an operation', () => {
  it.each([
    ['create-vm', 9],
    ['enrol-host', 9],
    ['stop-vm', 3],
    ['delete-vm', 3],
  ] as const)('%s may take %d hours, and no longer', (kind, hours) => {
    expect(kindsOf(open({ kind, createdAt: at(hours) }))).toEqual([]);
    expect(kindsOf(open({ kind, createdAt: earlier(at(hours), 1) }))).toEqual(['OperationOverdue']);
  });

  it('that has ended is not overdue, and that is not there has no open row', () => {
    expect(kindsOf(operation({ kind: 'stop-vm', createdAt: at(90), before: undefined } as Partial<Operation>))).toEqual(
      [],
    );
    expect(found(plus(SOUND, 'opens', opId(77)))).toEqual([
      'OpenRowLeft: The operation is not there, its open row is.',
    ]);
  });

  it('may be open in one row with others that have ended, and the row may stay for a while', () => {
    const { endedAt: _, ...under } = anOperation(1, { state: 'running' });
    const world = {
      ...SOUND,
      operations: [...SOUND.operations.filter(({ id }) => id !== under.id), under],
    };
    expect(found(world)).toEqual([expect.stringMatching('^OperationUnswept')]);
    expect(found(plus(world, 'openTogether', [under.id, opId(0)]))).toEqual([]);
    const since = (endedAt: string) => ({
      ...SOUND,
      operations: SOUND.operations.map((each) => (each.id === opId(1) ? { ...each, endedAt } : each)),
      openTogether: [[opId(0), opId(1)]],
    });
    expect(found(since(at(1 / 10)))).toEqual([]);
    expect(found(since(at(1)))).toEqual(['OpenRowLeft: The operation has ended, its open row is.']);
  });

  it('may ask 23 times a step, and as often as it likes once it is undone', () => {
    expect(kindsOf(operation({ attempt: 69 }))).toEqual([]);
    expect(kindsOf(operation({ attempt: 70 }))).toEqual(['AttemptsOverBudget']);
    const undone = { state: 'succeeded', startedAt: NOW, endedAt: NOW } as const;
    expect(kindsOf(operation({ attempt: 70, steps: [{ name: 'Undo', ...undone }] }))).toEqual([]);
    const [launch, undo] = [
      { name: 'Launch', ...undone },
      { name: 'Undo Launch', ...undone },
    ];
    expect(kindsOf(operation({ attempt: 70, steps: [launch, undo] }))).toEqual([]);
    expect(kindsOf(open({ state: 'undo-pending', attempt: 999, createdAt: NOW }))).toEqual([]);
  });

  it('is told of once, for six days', () => {
    const silent = (endedAt: string): World => ({
      ...operation({ createdAt: endedAt, startedAt: endedAt, endedAt, steps: [] }),
      audits: SOUND.audits.filter(({ operationId }) => operationId !== opId(2)),
    });
    expect(kindsOf(silent(earlier(at(6 * 24), -1)))).toEqual(['EndNotTold']);
    expect(kindsOf(silent(at(6 * 24)))).toEqual([]);
    const twice = plus(operation({ createdAt: at(999), endedAt: at(998), steps: [] }), 'audits', {
      operationId: opId(2),
      outcome: 'cancelled',
      at: NOW,
    });
    expect(kindsOf(twice)).toEqual(['EndToldTwice']);
  });

  it('is told of by entries of its end alone', () => {
    const entries = [
      { operationId: opId(2), outcome: 'running', at: NOW },
      { outcome: 'succeeded', at: NOW },
    ];
    expect(kindsOf({ ...SOUND, audits: [...SOUND.audits, ...entries] })).toEqual([]);
  });

  it('lies in a project that is there', () => {
    expect(found(operation({ project: 'gone', vmId: serial('vm', 77) }))).toEqual([
      'ProjectUnknown: Its project gone is not there.',
    ]);
  });
});

describe('the history of a VM', () => {
  const later = (createdAt: string, more: Partial<Operation> = {}) =>
    anOperation(90, { kind: 'stop-vm', vmId: serial('vm', 2), createdAt, endedAt: NOW, steps: [], ...more });
  const withLater = (world: World, operation: Operation): World => {
    const told = plus(world, 'audits', { operationId: operation.id, outcome: operation.state, at: NOW });
    return withVm(plus(told, 'operations', operation), 2, { version: 4 });
  };
  const end = '2026-11-25T10:01:00.000Z';

  it('has one operation after the other', () => {
    expect(kindsOf(withLater(SOUND, later(end)))).toEqual([]);
    expect(kindsOf(withLater(SOUND, later(earlier(end, 1))))).toEqual(['OperationsOverlap']);
  });

  it('is read in the order of time, however it lies', () => {
    const world = withLater(SOUND, later(end));
    expect(kindsOf({ ...world, operations: world.operations.toReversed() })).toEqual([]);
  });

  it('has none after one that is open', () => {
    const { endedAt: _, ...first } = anOperation(2, { state: 'running' });
    const world = {
      ...SOUND,
      opens: [opId(2)],
      operations: [...SOUND.operations.filter(({ id }) => id !== opId(2)), first],
    };
    expect(found(withLater(world, later(NOW)))).toEqual([
      `OperationsOverlap: stop-vm was accepted at ${NOW}, create-vm (${opId(2)}) held the VM until now.`,
    ]);
  });

  it('has each operation write twice', () => {
    expect(kindsOf(withVm(withLater(SOUND, later(end)), 2, { version: 3 }))).toEqual(['HistoryBroken']);
    expect(found(vm({ version: 1 }))).toEqual([
      'HistoryBroken: vm-2 has version 1 after 2 writes of its operations: it went back.',
    ]);
  });

  it.each<[string, Partial<Operation>]>([
    ['of a state that allows it', { kind: 'stop-vm', before: { state: 'running', desired: 'running' } }],
    ['of a create', { kind: 'create-vm', before: { state: 'lost', desired: 'running' } }],
    ['of an enrolment', { kind: 'enrol-host', before: { state: 'lost', desired: 'running' } }],
    ['of an earlier release, which did not keep it', { kind: 'reboot-vm' }],
  ])('has beginnings %s', (_, changes) => expect(kindsOf(operation(changes))).toEqual([]));

  it('has steps that are done, each after it began', () => {
    const step = (state: 'pending' | 'running' | 'skipped', more = {}) =>
      found(operation({ steps: [{ name: 'Record', state, ...more }] }));
    expect(step('pending')).toEqual(['HistoryBroken: create-vm: it has succeeded, and its step Record is pending.']);
    expect(step('running')).toEqual(['HistoryBroken: create-vm: it has succeeded, and its step Record is running.']);
    expect(step('skipped')).toEqual([]);
    expect(step('skipped', { endedAt: NOW })).toEqual([]);
    expect(step('skipped', { startedAt: NOW, endedAt: NOW })).toEqual([]);
    expect(step('skipped', { startedAt: NOW })).toEqual([]);
  });
});
