import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { savingsOf } from '../../lambdas/domain/savings-of.ts';
import { type DayOff, daysOff, endOf, type TimeOff, turnOf } from '../../lambdas/domain/time-off.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { newVm } from '../support/api.ts';

const AT = '2026-10-20T16:01:00.000Z';
const heldBy = (by: string, reason = 'stop-vm'): Pick<Vm, 'lock'> => ({
  lock: { operationId: 'op-1', reason, by, since: AT, expiresAt: AT },
});
const vm = (more: Partial<Vm>): Vm => newVm({ changedAt: AT, ...more });
const SCHEDULE = 'schedule:sch-1';

describe('what a change of a VM means for the time it is off', () => {
  it.each([
    [
      'a stop of a schedule that has ended',
      vm({ state: 'stopping', ...heldBy(SCHEDULE) }),
      vm({ state: 'stopped' }),
      'off',
    ],
    ["a person's stop", vm({ state: 'stopping', ...heldBy('oidc:anna') }), vm({ state: 'stopped' }), undefined],
    [
      'a stop of a schedule that is under way',
      vm({}),
      vm({ state: 'stopping', lastState: 'running', ...heldBy(SCHEDULE) }),
      undefined,
    ],
    [
      'a stop that left it running',
      vm({ state: 'stopping', ...heldBy(SCHEDULE) }),
      vm({ state: 'running' }),
      undefined,
    ],
    ['a VM seen stopped by itself', vm({}), vm({ state: 'stopped' }), undefined],
    [
      'a start',
      vm({ state: 'stopped' }),
      vm({ state: 'pending', lastState: 'stopped', ...heldBy('oidc:anna', 'start-vm') }),
      'on',
    ],
    ['a VM seen running', vm({ state: 'stopped' }), vm({ state: 'running' }), 'on'],
    ['a deletion', vm({ state: 'stopped' }), vm({ state: 'deleting', ...heldBy('oidc:anna', 'delete-vm') }), 'on'],
    ['a loss', vm({ state: 'stopped' }), vm({ state: 'lost', lastState: 'stopped' }), 'on'],
    [
      'a second stop',
      vm({ state: 'stopped' }),
      vm({ state: 'stopping', lastState: 'stopped', ...heldBy('oidc:anna') }),
      undefined,
    ],
    ['a host that falls silent', vm({ state: 'stopped' }), vm({ state: 'unknown', lastState: 'stopped' }), 'silent'],
    ['a host that speaks again', vm({ state: 'unknown', lastState: 'stopped' }), vm({ state: 'stopped' }), 'heard'],
    [
      'a VM that runs when its host speaks',
      vm({ state: 'unknown', lastState: 'stopped' }),
      vm({ state: 'running' }),
      'on',
    ],
    [
      'a running VM of a silent host',
      vm({ state: 'unknown', lastState: 'running' }),
      vm({ state: 'running' }),
      undefined,
    ],
    ['another name', vm({ state: 'stopped' }), vm({ state: 'stopped', name: 'b' }), undefined],
  ])('%s', (_, before, after, kind) => {
    expect(turnOf(before, after)?.kind).toBe(kind);
  });

  it('knows who ended it, and which schedule began it', () => {
    const started = vm({ state: 'pending', ...heldBy('oidc:anna', 'start-vm') });
    expect(turnOf(vm({ state: 'stopped' }), started)).toMatchObject({ by: 'oidc:anna', at: AT });
    expect(turnOf(vm({ state: 'stopped' }), vm({}))).toMatchObject({ by: 'outside' });
    const off = turnOf(vm({ state: 'stopping', ...heldBy(SCHEDULE) }), vm({ state: 'stopped' }));
    expect(off).toMatchObject({ scheduleId: 'sch-1', operationId: 'op-1', at: AT });
  });
});

const OFF: TimeOff = {
  vmId: 'vm-1',
  vmName: 'web-1',
  project: 'default',
  scheduleId: 'sch-1',
  scheduleName: 'office',
  owner: 'anna',
  tags: { app: 'shop' },
  usdPerHour: 0.1,
  priceKind: 'list',
  since: '2026-10-20T16:00:00.000Z',
  version: 1,
};

describe('time off', () => {
  it('is cut at the midnights of UTC', () => {
    const days = daysOff(OFF, '2026-10-22T07:00:00.000Z', 'oidc:anna');
    expect(days.map(({ from, until }) => `${from.slice(8, 13)} ${until.slice(8, 13)}`)).toEqual([
      '20T16 21T00',
      '21T00 22T00',
      '22T00 22T07',
    ]);
    expect(daysOff(OFF, '2026-10-20T15:00:00.000Z', 'x')).toEqual([]);
  });

  it('is known to last only until its host fell silent', () => {
    const silent = { ...OFF, unknownSince: '2026-10-20T20:00:00.000Z' };
    expect(endOf(silent, '2026-10-21T07:00:00.000Z')).toBe(silent.unknownSince);
    expect(endOf(silent, '2026-10-20T18:00:00.000Z')).toBe('2026-10-20T18:00:00.000Z');
    expect(endOf(OFF, AT)).toBe(AT);
  });
});

const FROM = Date.parse('2026-10-01T00:00:00.000Z');
const MONTH_MS = 31 * 86_400_000;
const anOff = fc
  .record({
    vm: fc.integer({ min: 1, max: 4 }),
    schedule: fc.integer({ min: 1, max: 3 }),
    owner: fc.constantFrom('', 'anna', 'ben'),
    tags: fc.constantFrom({}, { app: 'shop' }, { app: 'bank' }),
    usdPerHour: fc.option(fc.double({ min: 0, max: 40, noNaN: true })),
    priceKind: fc.constantFrom('list' as const, 'estimate' as const),
    since: fc.integer({ min: 0, max: MONTH_MS }),
    ms: fc.integer({ min: 0, max: 5 * 86_400_000 }),
  })
  .map(({ vm: number, schedule, since, ms, ...rest }): DayOff[] => {
    const begin = FROM + since;
    const off = {
      ...OFF,
      ...rest,
      vmId: `vm-${number}`,
      vmName: `web-${number}`,
      scheduleId: `sch-${schedule}`,
      since: new Date(begin).toISOString(),
    };
    return daysOff(off, new Date(begin + ms).toISOString(), 'x');
  });
const someDays = fc.array(anOff, { maxLength: 12 }).map((all) => all.flat());
const micros = (usd: number): number => Math.round(usd * 1e6);
const whole = ({ seconds, usd, estimatedUsd, unpricedSeconds }: ReturnType<typeof savingsOf>['total']) => [
  seconds,
  micros(usd),
  micros(estimatedUsd),
  unpricedSeconds,
];
const added = (all: readonly number[][]): number[] =>
  all.reduce((sum, each) => sum.map((value, index) => value + (each[index] ?? 0)), [0, 0, 0, 0]);

describe('savings', () => {
  const range = [FROM, FROM + 2 * MONTH_MS] as const;

  it('are the same by whatever they are told apart, and each adds up to the total to the millionth', () => {
    fc.assert(
      fc.property(someDays, (days) => {
        const all = ['vm', 'owner', 'schedule', 'tag:app'].map((by) => savingsOf(by, range, days));
        for (const each of all) {
          expect(whole(each.total)).toEqual(whole(all[0]?.total ?? each.total));
          expect(added(each.groups.map(whole))).toEqual(whole(each.total));
          expect(added(each.days.map(whole))).toEqual(whole(each.total));
        }
      }),
    );
  });

  it('of two ranges that meet add up to those of both, wherever they meet, and of two pages to those of one', () => {
    fc.assert(
      fc.property(someDays, fc.integer({ min: 1, max: 2 * MONTH_MS - 1 }), fc.nat(), (days, cut, at) => {
        const total = whole(savingsOf('vm', range, days).total);
        const parts = [savingsOf('vm', [FROM, FROM + cut], days), savingsOf('vm', [FROM + cut, range[1]], days)];
        expect(added(parts.map((part) => whole(part.total)))).toEqual(total);
        const page = at % (days.length + 1);
        const pages = [savingsOf('vm', range, days.slice(0, page)), savingsOf('vm', range, days.slice(page))];
        expect(added(pages.map((part) => whole(part.total)))).toEqual(total);
      }),
    );
  });

  it('come to hours times price, and tell estimates and unknown prices', () => {
    const days = daysOff(OFF, '2026-10-21T06:30:00.000Z', 'x');
    expect(savingsOf('owner', range, days)).toMatchObject({
      total: { seconds: 14.5 * 3600, usd: 1.45, estimatedUsd: 0, unpricedSeconds: 0 },
      groups: [{ key: 'anna', name: 'anna', usd: 1.45 }],
    });
    const estimate = days.map((day): DayOff => ({ ...day, priceKind: 'estimate' }));
    expect(savingsOf('tag:app', range, estimate)).toMatchObject({
      total: { estimatedUsd: 1.45 },
      groups: [{ key: 'shop' }],
    });
    const unknown = days.map((day): DayOff => ({ ...day, usdPerHour: null, priceKind: 'unknown' }));
    expect(savingsOf('vm', range, unknown).total).toMatchObject({ usd: 0, unpricedSeconds: 14.5 * 3600 });
  });
});
