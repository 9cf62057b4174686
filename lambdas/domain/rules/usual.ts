import type { Usual } from './judge.ts';

const middleOf = (values: readonly number[]): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[half - 1], sorted[half]];
  if (high === undefined) return undefined;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
};

/** Weeks of which the hour must be known before anything counts as usual. */
const LEAST_WEEKS = 2;

/**
 * What is usual at an hour of the week: the median of what was measured in it, and the median distance from that
 * (Hampel, "The Influence Curve and Its Role in Robust Estimation", JASA 69, 1974).
 * @param weeks the values of each of the last weeks' hour
 */
export const usualIn = (weeks: readonly (readonly number[])[]): Usual | undefined => {
  if (weeks.filter((values) => values.length > 0).length < LEAST_WEEKS) return undefined;
  const values = weeks.flat();
  const median = middleOf(values);
  if (median === undefined) return undefined;
  return { median, mad: middleOf(values.map((value) => Math.abs(value - median))) ?? 0 };
};
