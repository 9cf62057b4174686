import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelsOf, Order, type OrderNode } from '../../lambdas/domain/schedule-order.ts';
import { awaitedNow, groupsOf, lateByNeed, nextTurn, turnsNow } from '../../lambdas/domain/schedule-turns.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { AT, newVm } from '../support/api.ts';

const NOW = Date.parse(AT);
const vmId = (number: number): string => `vm-${String(number).padStart(16, '0')}`;
const node = (name: string, after: string[] = [], more: Partial<OrderNode> = {}): OrderNode => ({
  name,
  filter: `tag:tier=${name}`,
  after,
  ...more,
});
const vmOf = (number: number, name: string, more: Partial<Vm> = {}): Vm =>
  newVm({ id: vmId(number), name: `${name}-${number}`, tags: { tier: name }, state: 'stopped', ...more });
const ready = (vm: Vm): Vm => ({ ...vm, state: 'running', ready: { ...vm.ready, status: 'true', at: AT } });
const flaws = (nodes: OrderNode[]) =>
  Order.safeParse(nodes).error?.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);

describe('an order', () => {
  it.each<[string, OrderNode[], string[]]>([
    ['of a cycle of two', [node('db', ['app']), node('app', ['db'])], ['/0/after/0: it goes round: db -> app -> db']],
    [
      'of a longer cycle, behind nodes that are none',
      [node('net'), node('db', ['net', 'web']), node('app', ['db']), node('web', ['app'])],
      ['/1/after/1: it goes round: db -> app -> web -> db'],
    ],
    ['with an unknown name', [node('app', ['db'])], ['/0/after/0: there is no node db']],
    ['with a name twice', [node('db'), node('db')], ['/1/name: db is the name of node 0 too']],
    ['with a node after itself', [node('db', ['db'])], ['/0/after/0: db cannot come after itself']],
    [
      'with a VM in two nodes',
      [node('db', [], { vms: [vmId(1)] }), node('app', [], { vms: [vmId(2), vmId(1)] })],
      [`/1/vms/1: ${vmId(1)} is in node db already`],
    ],
  ])('%s is refused, naming the place', (_, nodes, expected) => {
    expect(flaws(nodes)).toEqual(expected);
  });

  it('needs VMs in each node', () => {
    expect(flaws([{ name: 'db' }])).toEqual(['/0: takes vms, a filter, or both']);
  });

  it('lies in levels', () => {
    const nodes = [node('web', ['app', 'db']), node('app', ['db']), node('db'), node('mail')];
    expect(levelsOf(nodes).map((level) => level.map(({ name }) => name))).toEqual([['db', 'mail'], ['app'], ['web']]);
  });
});

describe('whose turn it is', () => {
  const CHAIN = [node('db', [], { delaySeconds: 60 }), node('app', ['db']), node('web', ['app'])];
  const turns = (vms: Vm[], waiting: string[], now = NOW, want: 'up' | 'down' = 'up') =>
    turnsNow(groupsOf(CHAIN, want, vms, []), { want, waiting }, now).map((group) => group.node.name);

  it('waits for the delay, and for readiness, not for running', () => {
    const [db, app] = [vmOf(1, 'db'), vmOf(2, 'app')];
    expect(turns([db, app], ['db', 'app', 'web'])).toEqual(['db']);
    const running: Vm = { ...ready(db), ready: { ...db.ready, status: 'false' } };
    expect(turns([running, app], ['app', 'web'], NOW + 120_000)).toEqual([]);
    expect(turns([ready(db), app], ['app', 'web'], NOW + 59_999)).toEqual([]);
    expect(turns([ready(db), app], ['app', 'web'], NOW + 60_000)).toEqual(['app']);
  });

  it('comes next when the first delay is over that a node waits for alone', () => {
    const nodes = [
      ...CHAIN,
      node('mail', [], { delaySeconds: 30 }),
      node('news', ['mail']),
      node('all', ['web', 'mail']),
    ];
    const vms = [ready(vmOf(1, 'db')), vmOf(2, 'app'), vmOf(3, 'web'), ready(vmOf(4, 'mail')), vmOf(5, 'news')];
    const next = (all: Vm[], now: number, want: 'up' | 'down' = 'up') =>
      nextTurn(groupsOf(nodes, want, all, []), { want, waiting: ['app', 'web', 'news', 'all'] }, now);
    expect(next(vms, NOW)).toBe(NOW + 30_000);
    expect(next(vms, NOW + 30_000)).toBe(NOW + 60_000);
    expect(next(vms, NOW + 60_000)).toBeUndefined();
    expect(
      next(
        vms.map((vm) => ({ ...vm, state: 'stopped' })),
        NOW,
      ),
    ).toBeUndefined();
    expect(next(vms, NOW, 'down')).toBeUndefined();
  });

  it('awaits one VM of each node that others wait for and that has not come, the same for the same run', () => {
    const nodes = [
      node('db'),
      node('app', ['db']),
      node('web', ['app']),
      node('cache'),
      node('batch', ['cache', 'db']),
    ];
    const dbs = Array.from({ length: 9 }, (_, index) => vmOf(10 + index, 'db'));
    const rest = [vmOf(1, 'app'), vmOf(2, 'web'), vmOf(3, 'cache'), vmOf(4, 'batch')];
    const awaited = (vms: Vm[], waiting: string[], plannedAt = AT) =>
      awaitedNow(groupsOf(nodes, 'up', vms, []), { want: 'up', waiting, plannedAt });
    const [first = '', second] = awaited([...dbs, ...rest], ['app', 'web', 'batch']);
    expect(dbs.map(({ id }) => id)).toContain(first);
    expect(second).toBe(vmId(3));
    expect(awaited([...dbs.toReversed(), ...rest], ['app', 'web', 'batch'])[0]).toBe(first);
    const others = [1, 2, 3, 4, 5, 6].map(
      (day) => awaited([...dbs, ...rest], ['app', 'web', 'batch'], `day ${day}`)[0],
    );
    expect(new Set(others).size).toBeGreaterThan(1);
    const come = [...dbs, ...rest].map((vm) => (vm.id === first ? ready(vm) : vm));
    expect(awaited(come, ['app', 'web', 'batch'])[0]).not.toBe(first);
    expect(awaited([...dbs.map(ready), ...rest], ['web', 'batch'])).toEqual([vmId(3), vmId(1)]);
    // Nothing waits for the last, and what has no VMs left to come is awaited no more.
    expect(awaited([...dbs.map(ready), ...rest], [])).toEqual([]);
    expect(awaited([...dbs, ...rest].map(ready), ['web', 'batch'])).toEqual([]);
  });

  it('is past nodes without VMs, and those that have come, at once', () => {
    expect(turns([vmOf(3, 'web')], ['db', 'app', 'web'])).toEqual(['db', 'app', 'web']);
    expect(turns([ready(vmOf(1, 'db')), vmOf(3, 'web')], ['db', 'app', 'web'], NOW + 60_000)).toHaveLength(3);
  });

  it('says for whom a node waits, over those between', () => {
    const vms = [vmOf(1, 'db'), vmOf(2, 'app'), vmOf(3, 'web')];
    const late = { vmId: vmId(9), vmName: 'x', state: 'stopped' as const, cause: 'NotReadyInTime: no answer' };
    const why = (all: Vm[], waiting: string[]) => {
      const [, app, web] = groupsOf(CHAIN, 'up', all, []);
      return [app, web].map((group) => group && lateByNeed(late, group, { want: 'up', waiting }, NOW, () => 'no room'));
    };
    const causes = (all: Vm[], waiting: string[]) => why(all, waiting).map((each) => each?.cause);
    expect(why(vms, ['app', 'web'])).toEqual(
      Array(2).fill({
        ...late,
        cause: 'waits for db: db-1: no room',
        needs: { node: 'db', vmId: vmId(1), vmName: 'db-1', cause: 'no room' },
      }),
    );
    const [db, ...rest] = vms.map((vm, index) => (index === 0 ? ready(vm) : vm)) as [Vm, ...Vm[]];
    expect(why([db, ...rest], ['app', 'web'])[0]).toEqual({ ...late, cause: 'waits for db: its delay is not over' });
    expect(causes(rest, ['app', 'web'])).toEqual(['its turn is about to come', 'its turn is about to come']);
    // One that had its turn may have lost what it needs since; where only a delay is not over, it is late by itself.
    expect(causes(vms, [])).toEqual([
      'NotReadyInTime: no answer; it needs db: db-1: no room',
      'NotReadyInTime: no answer; it needs db: db-1: no room',
    ]);
    expect(causes([db, ...rest], [])[0]).toBe('NotReadyInTime: no answer');
    expect(causes([db, ...rest], [])[1]).toBe('NotReadyInTime: no answer; it needs app: app-2: no room');
    expect(why(rest.map(ready), [])).toEqual([late, late]);
  });

  it('gives a VM that several nodes fit to the one that names it, else to the first', () => {
    const nodes = [node('db'), { ...node('app', ['db']), filter: 'tag:tier=db', vms: [vmId(2)] }];
    const groups = groupsOf(nodes, 'up', [vmOf(1, 'db'), vmOf(2, 'db')], []);
    expect(groups.map(({ vms }) => vms.map(({ name }) => name))).toEqual([['db-1'], ['db-2']]);
  });

  /** Nodes that come after any of those before them: every graph without a way round is one of these. */
  const graphs = fc
    .array(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 8 })
    .map((rows) =>
      rows.map((row, index) =>
        node(
          `n${index}`,
          row.slice(0, index).flatMap((on, at) => (on ? [`n${at}`] : [])),
        ),
      ),
    );

  it.each(['up', 'down'] as const)('never comes before what it waits for has come, and comes for all (%s)', (want) => {
    fc.assert(
      fc.property(graphs, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (nodes, luck) => {
        let vms = nodes.flatMap(({ name }, index) => {
          const pair = [vmOf(2 * index, name), vmOf(2 * index + 1, name)];
          return want === 'up' ? pair : pair.map(ready);
        });
        const come = new Set<string>();
        let waiting = nodes.map(({ name }) => name);
        const begun: string[] = [];
        for (let round = 0; come.size < vms.length && round < 100; round += 1) {
          const now = turnsNow(groupsOf(nodes, want, vms, []), { want, waiting }, NOW).map((group) => group.node.name);
          for (const name of now) {
            const before = nodes.filter((each) =>
              want === 'up'
                ? nodes.find((own) => own.name === name)?.after?.includes(each.name)
                : each.after?.includes(name),
            );
            for (const each of before) {
              expect(vms.filter(({ tags }) => tags.tier === each.name).every(({ id }) => come.has(id))).toBe(true);
            }
          }
          begun.push(...now);
          waiting = waiting.filter((name) => !now.includes(name));
          const open = vms.filter(({ id, tags }) => begun.includes(tags.tier ?? '') && !come.has(id));
          const next = open[(luck[round % 8] ?? 0) % open.length];
          if (!next) break;
          come.add(next.id);
          vms = vms.map((vm) => (vm !== next ? vm : want === 'up' ? ready(vm) : { ...vm, state: 'stopped' }));
        }
        expect(begun.toSorted()).toEqual(nodes.map(({ name }) => name).toSorted());
        expect(come.size).toBe(vms.length);
      }),
    );
  });
});
