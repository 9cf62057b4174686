import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowanceIdOf,
  asked,
  digestBegun,
  digestEnded,
  digestVoid,
  freeAt,
  isAllowanceId,
  newAllowance,
  type RateLimit,
} from '../../../lambdas/domain/alerts/rate-limit.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const WHOSE = { project: 'default', receiver: 'team', key: 'team/webhook[0]' };
const LIMIT: RateLimit = { notifications: 2, perMs: 60_000, critical: 1 };
const iso = (at: number) => new Date(at).toISOString();

/** What becomes of words that are asked for at these moments, in seconds; `!` after one that is critical. */
const said = (limit: RateLimit, ...words: (readonly [second: number, isCritical?: boolean])[]) => {
  let row = newAllowance(WHOSE, NOW);
  return words.map(([second, isCritical = false]) => {
    const { after, isHeld } = asked(row, limit, isCritical, NOW + second * 1_000);
    row = after;
    return isHeld ? `held until ${(Date.parse(after.nextAt ?? '') - NOW) / 1_000}` : 'told';
  });
};

describe('what a receiver takes', () => {
  it('is so many in a time; then what comes waits until the first of them is old enough', () => {
    expect(said(LIMIT, [0], [10], [20], [70])).toEqual(['told', 'told', 'held until 60', 'held until 60']);
    expect(said(LIMIT, [0], [10], [60], [69], [70])).toEqual([
      'told',
      'told',
      'told',
      'held until 70',
      'held until 70',
    ]);
  });

  it('is more of what is critical, until that is used up, too', () => {
    expect(said(LIMIT, [0], [1], [2, true], [3, true], [4])).toEqual([
      'told',
      'told',
      'told',
      'held until 60',
      'held until 60',
    ]);
    expect(said(LIMIT, [0], [1], [2], [3, true], [4, true])).toEqual([
      ...['told', 'told', 'held until 60', 'told'],
      'held until 60',
    ]);
  });

  it('writes nothing where nothing has changed', () => {
    const full = { ...newAllowance(WHOSE, NOW), told: [NOW, NOW], since: iso(NOW), nextAt: iso(NOW + 60_000) };
    expect(asked(full, LIMIT, false, NOW).after).toBe(full);
  });

  it('is fewer at once where the limit was lowered', () => {
    const told = [0, 10, 20, 30].map((second) => NOW + second * 1_000);
    expect(freeAt({ told }, LIMIT, NOW + 31_000)).toBe(NOW + 80_000);
  });

  it('is never more within any such time, digests among them, and nothing waits without an end', () => {
    const moments = fc.array(fc.tuple(fc.nat(20_000), fc.boolean()), { maxLength: 80 });
    const limits = fc.record({
      notifications: fc.integer({ min: 1, max: 5 }),
      critical: fc.nat(3),
      perMs: fc.constant(60_000),
    });
    fc.assert(
      fc.property(limits, moments, (limit, steps) => {
        let [row, now] = [newAllowance(WHOSE, NOW), NOW];
        const [usual, all]: [number[], number[]] = [[], []];
        for (const [step, isCritical] of steps) {
          now += step;
          if (row.nextAt !== undefined && Date.parse(row.nextAt) <= now) {
            row = digestEnded(digestBegun(row, now), now);
            usual.push(now);
            all.push(now);
          }
          const before = row;
          const { after, isHeld } = asked(row, limit, isCritical, now);
          row = after;
          expect(isHeld && row.nextAt === undefined).toBe(false);
          if (isHeld) continue;
          all.push(now);
          if (after.beyond.length <= before.beyond.filter((at) => at > now - limit.perMs).length) usual.push(now);
        }
        const most = (of: readonly number[]) =>
          Math.max(0, ...of.map((from) => of.filter((at) => at >= from && at < from + limit.perMs).length));
        expect(most(usual)).toBeLessThanOrEqual(limit.notifications);
        expect(most(all)).toBeLessThanOrEqual(limit.notifications + limit.critical);
      }),
    );
  });
});

describe('the row of what a receiver takes', () => {
  it('has an id that no group has', () => {
    expect(isAllowanceId(allowanceIdOf(WHOSE))).toBe(true);
    expect(isAllowanceId('agr-0')).toBe(false);
  });

  it('goes on with a digest that was begun and not ended, and counts it once', () => {
    const begun = digestBegun(newAllowance(WHOSE, NOW), NOW);
    expect(begun).toMatchObject({ digest: { number: 1, at: iso(NOW) }, told: [NOW], digests: 1 });
    const again = digestBegun(begun, NOW + 90_000);
    expect(again).toEqual({ ...begun, nextAt: iso(NOW + 135_000) });
    expect(digestBegun(digestEnded(again, NOW), NOW + 90_000).digest.number).toBe(2);
  });

  it('does not count a digest by which nobody was told anything', () => {
    const before = { ...newAllowance(WHOSE, NOW), told: [NOW - 1] };
    expect(digestVoid(digestBegun(before, NOW), NOW).told).toEqual([NOW - 1]);
    expect(digestVoid(before, NOW).told).toEqual([NOW - 1]);
  });
});
