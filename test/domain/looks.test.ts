import { describe, expect, it } from 'vitest';
import { asLost, observe, rowOf } from '../../lambdas/domain/observation.ts';
import { asReturned, Comparison, differences, type Sight } from '../../lambdas/domain/reconcile.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import type { VmState } from '../../lambdas/domain/vm-state.ts';
import { observed as FULL } from '../support/full-rows.ts';
import { aVm } from '../support/kvm.ts';
import { AT, BEFORE, known, look } from '../support/looks.ts';
import { lockBy } from '../support/plants.ts';

const MARK = FULL.vmId ?? '';

const sight = (rows: Vm[], observed: Observed[], more: Partial<Sight> = {}) =>
  differences({ installation: 'dev', rows, observed, at: AT, lagSeconds: 300, takenInSeconds: 30, ...more });
const moved = (seconds: number) => new Date(Date.parse(AT) - seconds * 1000).toISOString();

describe('a look at a place', () => {
  const nothing = { news: [], lost: [], gone: [], returned: [] };
  const stranger = rowOf('dev', look(), BEFORE);

  it('tells of strangers, and of those that are gone', () => {
    expect(sight([], [look()])).toEqual({ ...nothing, news: [{ look: look() }] });
    expect(sight([], [look({ state: 'deleted' })])).toEqual(nothing);
    expect(sight([stranger], [look()])).toEqual(nothing);
    expect(sight([stranger], [])).toEqual({ ...nothing, gone: [stranger] });
  });

  it('knows a VM by its mark, by its id at the provider, and a stranger by its place', () => {
    const { providerId: ___, ...unseen } = known({ id: MARK });
    expect(sight([unseen], [FULL]).news).toEqual([{ look: FULL, vm: unseen }]);
    expect(sight([known({ id: 'vm-x' })], [look()])).toEqual(nothing);
    const { providerId: ____, ...byPlace } = stranger;
    expect(sight([byPlace], [look()]).gone).toEqual([]);
    // A mark that another machine carries, too, does not make it ours.
    const taken = known({ id: MARK, providerId: 'i-1' });
    expect(sight([taken], [{ ...FULL, providerId: 'i-2' }]).lost).toEqual([taken]);
  });

  it.each<[string, Partial<Vm>, number]>([
    ['for longer than its place may lag', { changedAt: moved(300.001) }, 1],
    ['no longer than its place may lag', { changedAt: moved(300) }, 0],
    ['that an operation holds', { ...lockBy('op'), changedAt: BEFORE }, 0],
    ...(['deleted', 'deleting', 'lost', 'pending'] as const).map((state): [string, Partial<Vm>, number] => [
      `that is ${state}`,
      { state, changedAt: BEFORE },
      0,
    ]),
    ...(['stopped', 'suspended', 'unknown', 'error'] as const).map((state): [string, Partial<Vm>, number] => [
      `that is ${state}`,
      { state, changedAt: BEFORE },
      1,
    ]),
  ])('misses a VM %s', (_, changes, count) => {
    const vm = aVm({ providerId: 'i-1', ...changes });
    expect(sight([vm], [])).toEqual({ ...nothing, lost: count === 1 ? [vm] : [] });
  });

  it.each([
    [AT, 1],
    [moved(60), 1],
    [moved(61), 0],
  ])('misses what was told to be taken away at %s at once', (toldAt, count) => {
    const vm = aVm({ providerId: 'i-1', changedAt: moved(60) });
    expect(sight([vm], [], { takenAway: new Map([['i-1', toldAt]]) }).lost).toHaveLength(count);
    expect(sight([vm], [], { takenAway: new Map([['i-2', toldAt]]) }).lost).toEqual([]);
    const { providerId: ___, ...unseen } = vm;
    expect(sight([unseen], [], { takenAway: new Map([['', moved(61)]]) }).lost).toEqual([]);
  });

  it.each<[string, number, Partial<Sight>, boolean]>([
    ['before it', 1, {}, true],
    ['at its very moment', 0, {}, true],
    ['while it was laid beside the rows', -29, {}, false],
    ['by a clock that is ahead', -30, {}, true],
    ['after an aged one was taken', 4, { agedSeconds: 5 }, false],
    ['before an aged one was taken', 5, { agedSeconds: 5 }, true],
  ])('tells of a VM that changed %s: %#', (_, secondsBefore, more, tells) => {
    const vm = known({ state: 'stopped', changedAt: moved(secondsBefore) });
    expect(sight([vm], [look()], more).news).toEqual(tells ? [{ look: look(), vm }] : []);
  });

  it.each<[string, Partial<Vm>, VmState, boolean]>([
    ['runs', {}, 'running', true],
    ['is stopped', {}, 'stopped', true],
    ['is suspended', {}, 'suspended', true],
    ['is saved', {}, 'saved', true],
    ['is on its way out', {}, 'stopping', false],
    ['is gone', {}, 'deleted', false],
    ['is held', lockBy('op'), 'running', false],
    ['may still be on its way out', { changedAt: AT }, 'running', false],
    ['was never deleted', { state: 'stopped' }, 'running', false],
  ])('finds a deleted VM that %s to have returned: %#', (_, changes, state, is) => {
    const vm = { ...known(), state: 'deleted' as const, ...changes };
    const seen = look({ state });
    const { returned, news } = sight([vm], [seen]);
    expect(returned).toEqual(is ? [{ vm, look: seen }] : []);
    if (is) expect(news).toEqual([]);
  });
});

describe('the row', () => {
  it.each<[Partial<Vm>, VmState]>([
    [{ state: 'running' }, 'running'],
    [{ state: 'unknown', lastState: 'stopped' }, 'stopped'],
    [{ state: 'unknown' }, 'unknown'],
    [{ state: 'stopped', lastState: 'running' }, 'stopped'],
  ])('of a lost VM (%j) remembers that it was %s', (changes, lastState) => {
    const vm = aVm(changes);
    expect(asLost(vm, AT)).toEqual({
      ...vm,
      state: 'lost',
      lastState,
      ready: {
        status: 'false',
        reason: 'Lost',
        message: 'It is gone at its provider, and nobody asked NovaCron for that.',
        at: AT,
      },
      changedAt: AT,
    });
  });

  it('of a VM that was given up says why it may be gone, however that was seen', () => {
    const vm = known({ state: 'error', managed: true });
    const given = expect.stringMatching(/^Its last operation failed and could not be taken back; by now it is gone/);
    const lost = { state: 'lost', lastState: 'error', ready: { status: 'false', reason: 'Lost', message: given } };
    expect(asLost(vm, AT)).toMatchObject(lost);
    const seen = observe(vm, look({ state: 'deleted' }), AT);
    expect(seen).toMatchObject(lost);
    expect(observe(seen, look({ state: 'deleted' }), AT)).toBe(seen);
  });

  it.each<[VmState, Vm['desired']]>([
    ['running', 'running'],
    ['stopped', 'stopped'],
    ['saved', 'stopped'],
    ['suspended', 'running'],
  ])('of a VM that is %s after all is meant to be %s', (state, desired) => {
    const after = asReturned(known({ state: 'deleted', retainedUntil: AT }), look({ state, vcpus: 9 }), AT);
    expect(after).toMatchObject({ state, desired, observedAt: AT });
    expect(after).not.toHaveProperty('retainedUntil');
  });
});

describe('a comparison of rows one by one', () => {
  const rest = (rows: Vm[], observed: Observed[]) => {
    const comparison = new Comparison({ installation: 'dev', at: AT, lagSeconds: 300, takenInSeconds: 30 });
    for (const seen of observed) comparison.see(seen);
    for (const row of rows) comparison.take(row);
    return comparison.rest();
  };
  const other = look({ providerId: 'i-2' });
  const { providerId: _, ...unseen } = known();

  it.each<[string, Vm[], Observed[], Vm[], Observed[]]>([
    ['lets go of what agrees', [known()], [look()], [], []],
    ['lets go of what is deleted, and not there', [aVm({ providerId: 'i-1', state: 'deleted' })], [], [], []],
    ['holds on to news', [known()], [look({ vcpus: 9 })], [known()], [look({ vcpus: 9 })]],
    ['holds on to what is lost', [known()], [], [known()], []],
    ['holds on to what is strange', [known()], [look(), other], [], [other]],
    ['holds on to a row that knows no instance', [unseen], [look()], [unseen], [look()]],
  ])('%s', (__, rows, seen, left, looks) => {
    expect(rest(rows, seen)).toEqual({
      installation: 'dev',
      at: AT,
      lagSeconds: 300,
      takenInSeconds: 30,
      rows: left,
      observed: looks,
    });
  });

  it('holds on to a sight that is marked as another VM', () => {
    const vm = known({ id: 'vm-000000000000000x' });
    const marked = look({ vmId: MARK });
    expect(rest([vm], [marked])).toMatchObject({ rows: [vm], observed: [marked] });
    expect(rest([known({ id: MARK })], [marked])).toMatchObject({ rows: [], observed: [] });
  });
});
