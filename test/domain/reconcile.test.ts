import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asLost, observe, rowOf, strangerId } from '../../lambdas/domain/observation.ts';
import { Comparison, type Differences, differences, type Sight } from '../../lambdas/domain/reconcile.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import { VmState } from '../../lambdas/domain/vm-state.ts';

const AT = '2026-11-25T12:00:00.000Z';
const INSTALLATION = 'unit';
const VM_IDS = ['vm-0000000000000001', 'vm-0000000000000002', 'vm-0000000000000003'];
const PLACES = ['i-1', 'i-2', 'i-3', 'i-4'];

const anyObserved: fc.Arbitrary<Observed> = fc
  .record({
    providerId: fc.constantFrom(...PLACES),
    state: fc.constantFrom('pending', 'running', 'stopping', 'stopped', 'deleted'),
    vmId: fc.option(fc.constantFrom(...VM_IDS), { nil: undefined }),
    addresses: fc.constantFrom<string[]>([], ['192.0.2.1']),
  })
  .map(({ vmId, ...rest }) => ({
    ...rest,
    ...(vmId === undefined ? {} : { vmId }),
    name: rest.providerId,
    location: { region: 'eu-central-1' },
    vcpus: 1,
    memoryMiB: 1,
    disks: [],
    nics: [],
    tags: {},
  }));

const anyVm: fc.Arbitrary<Vm> = fc
  .record({
    id: fc.constantFrom(...VM_IDS),
    state: fc.constantFrom(...VmState.options),
    providerId: fc.option(fc.constantFrom(...PLACES), { nil: undefined }),
    locked: fc.boolean(),
    changedAt: fc.constantFrom(AT, '2026-11-25T11:00:00.000Z'),
  })
  .map(({ providerId, locked, ...rest }) => ({
    ...rest,
    ...(providerId === undefined ? {} : { providerId }),
    ...(locked ? { lock: { operationId: 'op', reason: 'stop-vm', by: 't', since: AT, expiresAt: AT } } : {}),
    name: rest.id,
    provider: 'ec2',
    managed: true,
    desired: 'running',
    ready: { status: 'unknown', reason: 'x', message: 'x', at: AT },
    location: { region: 'eu-central-1' },
    vcpus: 1,
    memoryMiB: 1,
    disks: [],
    nics: [],
    addresses: [],
    tags: {},
    deletionProtection: false,
    createdAt: AT,
    version: 1,
  }));

const rows = fc.uniqueArray(anyVm, { selector: ({ id }) => id });
const observed = fc.uniqueArray(anyObserved, { selector: ({ providerId }) => providerId });
const anySight = fc.record({
  rows,
  observed,
  installation: fc.constant(INSTALLATION),
  at: fc.constant(AT),
  lagSeconds: fc.constantFrom(15, 300),
  takenInSeconds: fc.constantFrom(30, 900),
});

const isFirst = (all: readonly Vm[], { providerId }: Vm, at: number): boolean =>
  providerId === undefined || all.findIndex((vm) => vm.providerId === providerId) === at;

/** In no order: which of two differences is named first says nothing. */
const sorted = (found: Differences) =>
  Object.entries(found).map(([kind, list]) => [kind, list.map((each: object) => JSON.stringify(each)).toSorted()]);

/** The store's part, as lambdas/store/vms.ts does it, on an array. */
const apply = (sight: Sight): Vm[] => {
  const { news, lost, gone } = differences(sight);
  const table = new Map(sight.rows.map((vm) => [vm.id, vm]));
  const take = (look: Observed): void => {
    const found = look.vmId === undefined ? undefined : table.get(look.vmId);
    const byPlace = [...table.values()].find(({ providerId }) => providerId === look.providerId);
    const row = look.vmId === undefined ? (byPlace ?? table.get(strangerId(INSTALLATION, look))) : found;
    if (row?.providerId !== undefined && look.vmId !== undefined && row.providerId !== look.providerId) {
      const { vmId: _, ...stranger } = look;
      take(stranger);
      return;
    }
    if (row === undefined && look.state === 'deleted') return;
    const after = row ? observe(row, look, AT) : rowOf(INSTALLATION, look, AT);
    if (row && !row.managed && look.state === 'deleted') table.delete(row.id);
    else table.set(after.id, after);
  };
  for (const { look } of news) take(look);
  for (const vm of lost) table.set(vm.id, asLost(vm, AT));
  for (const vm of gone) table.delete(vm.id);
  return [...table.values()];
};

describe('reconcile', () => {
  it('never takes a row of ours away, and never calls one deleted that was not', () => {
    fc.assert(
      fc.property(anySight, (sight) => {
        const after = new Map(apply(sight).map((vm) => [vm.id, vm]));
        for (const before of sight.rows) {
          expect(after.has(before.id)).toBe(true);
          if (before.state !== 'deleted') expect(after.get(before.id)?.state).not.toBe('deleted');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the state of a VM that an operation holds', () => {
    fc.assert(
      fc.property(anySight, (sight) => {
        const after = new Map(apply(sight).map((vm) => [vm.id, vm]));
        for (const before of sight.rows.filter(({ lock }) => lock)) {
          expect(after.get(before.id)?.state).toBe(before.state);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds nothing new when it looks again', () => {
    fc.assert(
      fc.property(anySight, (sight) => {
        const settled = apply({ ...sight, rows: apply(sight) });
        const again = differences({ ...sight, rows: settled });
        expect({ lost: again.lost, gone: again.gone }).toEqual({ lost: [], gone: [] });
        expect(apply({ ...sight, rows: settled })).toEqual(settled);
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same where it takes one row at a time and lets go of what agrees', () => {
    // As EC2 has it: an instance is in one row at most.
    const instances = rows.map((all) => all.filter((vm, at) => isFirst(all, vm, at)));
    fc.assert(
      fc.property(anySight, instances, (sight, alone) => {
        const comparison = new Comparison(sight);
        for (const look of sight.observed) comparison.see(look);
        for (const row of alone) comparison.take(row);
        const whole = differences({ ...sight, rows: alone });
        expect(sorted(differences(comparison.rest()))).toEqual(sorted(whole));
      }),
      { numRuns: 500 },
    );
  });

  it('holds on to nothing that agrees', () => {
    const [look] = fc.sample(
      anyObserved.map((any): Observed => ({ ...any, state: 'running' })),
      1,
    ) as [Observed];
    const row = rowOf(INSTALLATION, look, AT);
    const comparison = new Comparison({ installation: INSTALLATION, at: AT, lagSeconds: 15, takenInSeconds: 30 });
    comparison.see(look);
    expect(comparison.open).toBe(1);
    comparison.take(row);
    expect(comparison.open).toBe(0);
    expect(comparison.rest()).toMatchObject({ rows: [], observed: [] });
  });

  it('shows each instance that is there under one row', () => {
    fc.assert(
      fc.property(observed, (looks) => {
        const after = apply({
          installation: INSTALLATION,
          rows: [],
          observed: looks,
          at: AT,
          lagSeconds: 300,
          takenInSeconds: 30,
        });
        const alive = looks.filter(({ state }) => state !== 'deleted');
        expect(after.map(({ providerId }) => providerId).sort()).toEqual(
          alive.map(({ providerId }) => providerId).sort(),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('waits with the word lost until a young VM has had time to be seen', () => {
    const vm = { ...fc.sample(anyVm, { numRuns: 1, seed: 1 })[0], state: 'running', managed: true } as Vm;
    const { lock: _, ...free } = vm;
    const sight = (changedAt: string): Sight => ({
      installation: INSTALLATION,
      rows: [{ ...free, changedAt }],
      observed: [],
      at: AT,
      lagSeconds: 300,
      takenInSeconds: 30,
    });
    expect(differences(sight('2026-11-25T11:56:00.000Z')).lost).toEqual([]);
    expect(differences(sight('2026-11-25T11:54:00.000Z')).lost).toHaveLength(1);
  });

  it.each([
    ['after its last change', '2026-11-25T11:59:59.000Z', 1],
    ['before it', '2026-11-25T11:59:00.000Z', 0],
  ])('calls a young VM lost at once where its place told that it was taken away %s', (_, toldAt, lost) => {
    const { lock: __, ...free } = fc.sample(anyVm, { numRuns: 1, seed: 1 })[0] as Vm;
    const vm = {
      ...free,
      state: 'stopped',
      managed: true,
      providerId: 'uuid',
      changedAt: '2026-11-25T11:59:58.000Z',
    } as Vm;
    const takenAway = new Map([['uuid', toldAt]]);
    const sight = {
      installation: INSTALLATION,
      rows: [vm],
      observed: [],
      at: AT,
      lagSeconds: 15,
      takenInSeconds: 30,
      takenAway,
    };
    expect(differences(sight).lost).toHaveLength(lost);
  });
});
