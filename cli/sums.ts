import type { Savings } from './api.ts';

type Sum = Savings['total'];

const MICROS = 1e6;
const plus = (a: number, b: number): number => Math.round((a + b) * MICROS) / MICROS;

const added = (a: Sum, b: Sum): Sum => ({
  seconds: a.seconds + b.seconds,
  usd: plus(a.usd, b.usd),
  estimatedUsd: plus(a.estimatedUsd, b.estimatedUsd),
  unpricedSeconds: a.unpricedSeconds + b.unpricedSeconds,
});

/** Sums of two pages as one, those of one day or one group added up. */
const merged = <T extends Sum>(first: readonly T[], second: readonly T[], keyOf: (sum: T) => string): T[] => {
  const all = new Map(first.map((each) => [keyOf(each), each]));
  for (const each of second) {
    const before = all.get(keyOf(each));
    all.set(keyOf(each), before ? { ...each, ...added(before, each) } : each);
  }
  return [...all.values()];
};

/** All pages of what was saved as one, in the order of a single page. */
export const joined = (first: Savings, second: Savings): Savings => ({
  ...first,
  total: added(first.total, second.total),
  days: merged(first.days, second.days, ({ day }) => day).sort((a, b) => (a.day < b.day ? -1 : 1)),
  groups: merged(first.groups, second.groups, ({ key }) => key).sort((a, b) => b.usd - a.usd || b.seconds - a.seconds),
});

/**
 * Values as whole units that add up to their rounded sum: each is cut, and what is missing goes to those that lost most. A
 * column of cents so adds up to the total that stands under it.
 */
export const apportioned = (values: readonly number[], unit: number): number[] => {
  const exact = values.map((value) => value / unit);
  const cut = exact.map((value) => Math.floor(value + 1e-9));
  const missing = Math.round(exact.reduce((sum, value) => sum + value, 0)) - cut.reduce((sum, value) => sum + value, 0);
  const losers = exact
    .map((value, index) => ({ index, lost: value - (cut[index] ?? 0) }))
    .sort((a, b) => b.lost - a.lost || a.index - b.index)
    .slice(0, Math.max(0, missing));
  const more = new Set(losers.map(({ index }) => index));
  return cut.map((value, index) => value + (more.has(index) ? 1 : 0));
};
