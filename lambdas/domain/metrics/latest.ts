import { METRIC_NAMES, type MetricName, type Values } from './catalog.ts';
import { bySubject, type Frame } from './frame.ts';
import { seriesOf, stepped } from './series.ts';

/** What is known of a subject now: each metric's mean over a short while, and when it was last seen. */
export interface Latest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly values: Values;
}

const sinceThen = (frames: readonly Frame[], since: number, overMs: number): Latest | undefined => {
  const means = [...seriesOf(frames)].flatMap(([metric, points]) => {
    const last = points.at(-1)?.at ?? since;
    const recent = points.filter(({ at }) => at >= since && at > last - overMs);
    const [mean] = stepped(recent, Number.MAX_SAFE_INTEGER);
    return mean ? [{ metric, value: mean.avg, at: last }] : [];
  });
  if (means.length === 0) return undefined;
  const values: Values = Object.fromEntries(means.map(({ metric, value }) => [metric, value]));
  return { at: Math.max(...means.map(({ at }) => at)), values };
};

/** Of each subject in these frames what it was in the last while of so long; nothing of one that was not seen since then. */
export const latestOf = (frames: readonly Frame[], since: number, overMs: number): ReadonlyMap<string, Latest> =>
  new Map(
    [...bySubject(frames)].flatMap(([subject, own]) => {
      const latest = sinceThen(own, since, overMs);
      return latest ? [[subject, latest] as const] : [];
    }),
  );

/** What many have of one metric in all. */
export interface Summary {
  readonly count: number;
  readonly sum: number;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
}

/** The quantile of sorted values, between two of them by their distance, as Prometheus' `quantile` has it. */
const quantile = (sorted: readonly number[], q: number): number => {
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const [low = 0, high = low] = [sorted[below], sorted[Math.min(below + 1, sorted.length - 1)]];
  return low + (high - low) * (rank - below);
};

/** @see Summary; undefined of no values */
const summaryOf = (values: readonly number[]): Summary | undefined => {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const sum = sorted.reduce((so, value) => so + value, 0);
  const count = sorted.length;
  return { count, sum, avg: sum / count, min, max, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
};

/** A summary of each metric that any of these has. */
export const summaries = (all: readonly Values[]): Partial<Record<MetricName, Summary>> =>
  Object.fromEntries(
    METRIC_NAMES.flatMap((metric) => {
      const summary = summaryOf(all.flatMap(({ [metric]: value }) => (value === undefined ? [] : [value])));
      return summary ? [[metric, summary]] : [];
    }),
  );
