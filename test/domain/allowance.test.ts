import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { senderOf } from '../../lambdas/domain/address.ts';
import { asOf, costOf, endOf, leaseOf, mostOf, spentOf, withLease } from '../../lambdas/domain/allowance.ts';

const NOW = 1_000_000_000_000;

describe('what is free', () => {
  it('is five requests at once and one a second, of a rate of fifty', () => {
    const first = asOf(undefined, 50, NOW);
    expect(first.free).toBe(5);
    const spent = spentOf(first, 1) ?? first;
    expect(spent.free).toBe(4);
    expect(asOf(spent, 50, NOW + 500).free).toBe(4.5);
    expect(asOf(spent, 50, NOW + 60_000).free).toBe(5);
  });

  it('is a tenth of a second of a larger rate', () => {
    expect(asOf(undefined, 1000, NOW).free).toBe(100);
  });

  it('does not shrink where the clock goes back', () => {
    const first = asOf(undefined, 50, NOW);
    expect(asOf(first, 50, NOW - 5000)).toMatchObject({ free: 5, at: NOW });
  });

  it('is nothing for a call that may wait', () => {
    const first = asOf(undefined, 50, NOW);
    expect(spentOf(first, costOf(20))).toBeUndefined();
    expect(spentOf(withLease(first, 10, 5), 5)).toMatchObject({ left: 0 });
  });

  it('is nothing behind a lease until its window ends, and grows from there', () => {
    const leased = withLease(asOf(undefined, 50, NOW), 1, 1);
    expect(spentOf(asOf(leased, 50, NOW + 9_999), 1)).toBeUndefined();
    expect(asOf(leased, 50, endOf(leased) + 1000)).toMatchObject({ free: 1, leased: 0, left: 0 });
  });
});

describe('a lease', () => {
  it('is twice as large each time, ten at most, and never less than what is asked', () => {
    const sizes: number[] = [];
    let now = asOf(undefined, 50, NOW);
    for (let times = 0; times < 7; times += 1) {
      const size = leaseOf(now, 1);
      sizes.push(size);
      now = withLease(now, size, size);
    }
    expect(sizes).toEqual([1, 1, 2, 4, 8, 10, 10]);
    expect(leaseOf(asOf(undefined, 50, NOW), 5)).toBe(5);
  });

  it('is of its own window only, and so is a refusal', () => {
    const over = { ...withLease(asOf(undefined, 50, NOW), 10, 1), isOver: true };
    expect(asOf(over, 50, endOf(over) - 1)).toMatchObject({ left: 9, isOver: true });
    expect(asOf(over, 50, endOf(over))).toMatchObject({ left: 0, isOver: false, window: over.window + 1 });
  });

  it('lets no function give more than it leased, beside what was free', () => {
    const ask = fc.record({ ms: fc.integer({ min: 0, max: 4000 }), wait: fc.integer({ min: 0, max: 20 }) });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 200 }), (asks) => {
        let [now, at, spent, leased] = [asOf(undefined, 50, NOW), NOW, 0, 0];
        for (const { ms, wait } of asks) {
          at += ms;
          const cost = costOf(wait);
          const before = asOf(now, 50, at);
          const count = leaseOf(before, cost);
          const after = spentOf(before, cost) ?? withLease(before, count, cost);
          leased += after.leased - before.leased;
          spent += cost;
          now = after;
          expect(Math.min(now.free, now.left)).toBeGreaterThanOrEqual(0);
        }
        expect(spent).toBeLessThanOrEqual(leased + 5 + (at - NOW) / 1000);
      }),
    );
  });
});

it('a call counts once, and once more for each five seconds that it may wait', () => {
  expect([Number.NaN, -1, 0, 1, 5, 6, 20, 1e9].map(costOf)).toEqual([1, 1, 1, 2, 2, 3, 5, 5]);
  expect(mostOf(50)).toBe(500);
});

it('a sender is an IPv4 address or a network of IPv6, however it is written', () => {
  expect(senderOf('192.0.2.7')).toBe('192.0.2.7');
  const same = ['2001:db8::1', '2001:db8:0:0:1::', '2001:0db8:0000:0000:ffff:ffff:ffff:ffff', '2001:DB8::'];
  expect(new Set(same.map(senderOf)).size).toBe(1);
  expect(senderOf('2001:db8:0:1::1')).not.toBe(senderOf('2001:db8::1'));
});
