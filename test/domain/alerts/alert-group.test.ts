import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertGroup,
  afterFlush,
  claimed,
  emptied,
  flushesUntil,
  type Grouping,
  groupIdOf,
  isDue,
  joined,
} from '../../../lambdas/domain/alerts/alert-group.ts';
import { newAlertGroup } from '../../support/alert-rows.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();
const grouping: Grouping = {
  groupKey: '{}:{alertname="Down"}',
  receiver: 'team',
  labels: { alertname: 'Down' },
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
};
const of = { project: 'default', routing: 1 };
const coming = (fingerprint: string, startsAt = NOW) => [{ fingerprint, startsAt }];
const made = joined(undefined, of, grouping, coming('b'), NOW) as AlertGroup;
const flushed = (group: AlertGroup, at: number, more = {}): AlertGroup =>
  afterFlush(group, { at, over: [], told: {}, failed: {}, ...more });

describe('an alert that comes to a group', () => {
  it('makes it, to be told of once its wait is over', () => {
    expect(made).toMatchObject({ alerts: ['b'], nextAt: iso(NOW + 30_000), isFlushed: false, routing: 1, version: 0 });
    expect(made.id).toBe(groupIdOf(grouping));
    expect(groupIdOf({ ...grouping, receiver: 'other' })).not.toBe(made.id);
  });

  it('waits with those that are there already, and not longer for it', () => {
    const more = joined(made, of, grouping, coming('a'), NOW + 10_000);
    expect(more).toMatchObject({ alerts: ['a', 'b'], nextAt: iso(NOW + 30_000) });
  });

  it('waits for nobody once it is older than the wait', () => {
    expect(joined(undefined, of, grouping, coming('a', NOW - 30_001), NOW)?.nextAt).toBe(iso(NOW));
    expect(joined(made, of, grouping, coming('a', NOW - 30_001), NOW + 5_000)?.nextAt).toBe(iso(NOW + 5_000));
    expect(joined(undefined, of, grouping, coming('a', NOW - 30_000), NOW)?.nextAt).toBe(iso(NOW + 30_000));
  });

  it('waits for the interval where the group was told of before, however old it is', () => {
    const before = flushed(made, NOW + 30_000);
    expect(joined(before, of, grouping, coming('a', 0), NOW + 60_000)?.nextAt).toBe(iso(NOW + 330_000));
  });

  it('changes nothing where it is in the group', () => {
    expect(joined(made, of, grouping, coming('b'), NOW + 1_000)).toBeUndefined();
  });

  it('begins a group anew that has none any more, or that another routing made; what was told stays', () => {
    const told = { 'team/webhook[0]': { firing: ['b'], resolved: [], at: iso(NOW) } };
    const over = flushed({ ...made, version: 3 }, NOW, { over: ['b'], told });
    const again = joined(over, of, grouping, coming('b', NOW + 400_000), NOW + 400_000);
    expect(again).toMatchObject({ nextAt: iso(NOW + 430_000), isFlushed: false, told, version: 3 });
    const other = joined(
      { ...made, told, version: 2 },
      { ...of, routing: 2 },
      grouping,
      coming('c', NOW + 40_000),
      NOW + 40_000,
    );
    expect(other).toMatchObject({ alerts: ['c'], nextAt: iso(NOW + 70_000), routing: 2, told, version: 2 });
  });
});

describe('a group that is told of', () => {
  it('is next told of an interval after its moment, however late that was', () => {
    expect(flushed(made, NOW + 42_000)).toMatchObject({ nextAt: iso(NOW + 330_000), isFlushed: true });
    expect(flushed(made, NOW + 900_000).nextAt).toBe(iso(NOW + 1_200_000));
  });

  it('is told of again sooner where a receiver was away, and at the latest with its interval', () => {
    expect(flushed(made, NOW + 30_000, { againAt: NOW + 60_000 }).nextAt).toBe(iso(NOW + 60_000));
    expect(flushed(made, NOW + 30_000, { againAt: NOW + 999_000 }).nextAt).toBe(iso(NOW + 330_000));
  });

  it('has no next time without alerts, and is kept for five days', () => {
    const over = flushed(claimed(made, 'x', NOW), NOW + 30_000, { over: ['b'] });
    expect(over).toMatchObject({ alerts: [], isFlushed: false, keptUntil: iso(NOW + 30_000 + 5 * 86_400_000) });
    expect(over).not.toHaveProperty('nextAt');
    expect(over).not.toHaveProperty('claim');
  });

  it('keeps who has joined it meanwhile', () => {
    const more = joined(made, of, grouping, coming('c'), NOW + 31_000) as AlertGroup;
    expect(flushed(more, NOW + 30_000, { over: ['b'] }).alerts).toEqual(['c']);
  });
});

describe('a group is due', () => {
  it('at its moment, while nobody tells of it', () => {
    expect(isDue(made, NOW + 29_999)).toBe(false);
    expect(isDue(made, NOW + 30_000)).toBe(true);
    const taken = claimed(made, 'x', NOW + 30_000);
    expect(isDue(taken, NOW + 30_001)).toBe(false);
    expect(isDue(taken, NOW + 30_000 + 45_000)).toBe(true);
    expect(isDue(emptied(made), NOW + 30_000)).toBe(false);
  });
});

describe('the moments of a group within a minute', () => {
  const moments = (nextAt: number, groupIntervalMs: number, now = NOW) =>
    flushesUntil(newAlertGroup({ nextAt: iso(nextAt), groupIntervalMs }), now, now + 60_000).map((at) => at - NOW);

  it('are all of a short interval, and one of a long', () => {
    expect(moments(NOW + 5_000, 20_000)).toEqual([5_000, 25_000, 45_000]);
    expect(moments(NOW + 5_000, 300_000)).toEqual([5_000]);
    expect(moments(NOW + 61_000, 20_000)).toEqual([]);
    expect(flushesUntil(emptied(made), NOW, NOW + 60_000)).toEqual([]);
  });

  it('are one of all that was missed', () => {
    expect(moments(NOW - 3_600_000, 30_000)).toEqual([-3_600_000, 30_000, 60_000]);
  });

  it('are never more than seconds, whatever the interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120_000 }), fc.integer({ min: -7_200_000, max: 60_000 }), (every, from) => {
        const all = moments(NOW + from, every);
        expect(all.length).toBeLessThanOrEqual(62);
        expect(all).toEqual(all.toSorted((a, b) => a - b));
      }),
    );
  });
});
