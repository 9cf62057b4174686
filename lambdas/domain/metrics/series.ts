import { METRIC_NAMES, type MetricName } from './catalog.ts';
import type { Column, Frame } from './frame.ts';

/** What a series was over some time: its mean, its least and greatest value, and of how many samples that is. */
export interface Point {
  /** Epoch milliseconds at which the time begins. */
  readonly at: number;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** The points of one subject by metric, each ascending. */
export type Series = ReadonlyMap<MetricName, readonly Point[]>;

/** Whether a name is one of the catalogue's. */
export const isMetric = (name: string): name is MetricName => METRIC_NAMES.some((known) => known === name);

/** One sample as a point of itself. */
export const pointOf = (at: number, value: number): Point => ({ at, avg: value, min: value, max: value, count: 1 });

const joined = (a: Point, b: Point): Point => {
  const count = a.count + b.count;
  return {
    at: Math.min(a.at, b.at),
    avg: (a.avg * a.count + b.avg * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    count,
  };
};

/** Points of steps of so many milliseconds, each at its step's beginning; a step without points has none. */
export const stepped = (points: readonly Point[], stepMs: number): Point[] => {
  const steps = new Map<number, Point>();
  for (const point of points) {
    const at = Math.floor(point.at / stepMs) * stepMs;
    const known = steps.get(at);
    steps.set(at, known === undefined ? { ...point, at } : joined(known, { ...point, at }));
  }
  return [...steps.values()].sort((a, b) => a.at - b.at);
};

/** What several frames of one subject's samples know of it, a sample that is in two of them once. */
export const seriesOf = (frames: readonly Frame[]): Series => {
  const found = new Map<MetricName, Map<number, Point>>();
  for (const { times, columns } of frames) {
    for (const column of columns) {
      if (!isMetric(column.metric)) continue;
      const points = found.get(column.metric) ?? new Map<number, Point>();
      found.set(column.metric, points);
      column.values.forEach((value, index) => {
        const at = times[index];
        if (value !== undefined && at !== undefined) points.set(at, pointOf(at, value));
      });
    }
  }
  return new Map([...found].map(([metric, points]) => [metric, [...points.values()].sort((a, b) => a.at - b.at)]));
};

/** What a rolled-up row keeps of each metric. */
const STATS = ['avg', 'min', 'max', 'count'] as const;

/** A series as a frame: one column for each metric and each of what is known of it. */
export const rolledUp = (series: Series, stepMs: number): Frame => {
  const byMetric = [...series].map(([metric, points]) => ({ metric, points: stepped(points, stepMs) }));
  const times = [...new Set(byMetric.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const columns = byMetric.flatMap(({ metric, points }): Column[] => {
    const at = new Map(points.map((point) => [point.at, point]));
    return STATS.map((stat) => ({ subject: stat, metric, values: times.map((time) => at.get(time)?.[stat]) }));
  });
  return { times, columns };
};

/** The series of rolled-up frames; of a time that is in two of them the later frame is right. */
export const unrolled = (frames: readonly Frame[]): Series => {
  const found = new Map<MetricName, Map<number, Partial<Point> & { at: number }>>();
  for (const { times, columns } of frames) {
    for (const { subject: stat, metric, values } of columns) {
      if (!isMetric(metric)) continue;
      const points = found.get(metric) ?? new Map<number, Partial<Point> & { at: number }>();
      found.set(metric, points);
      values.forEach((value, index) => {
        const at = times[index];
        if (value !== undefined && at !== undefined) points.set(at, { ...points.get(at), at, [stat]: value });
      });
    }
  }
  const whole = (point: Partial<Point> & { at: number }): Point[] => {
    const { at, avg, min, max, count } = point;
    const isWhole = avg !== undefined && min !== undefined && max !== undefined && count !== undefined;
    return isWhole ? [{ at, avg, min, max, count }] : [];
  };
  return new Map(
    [...found].map(([metric, points]) => [metric, [...points.values()].flatMap(whole).sort((a, b) => a.at - b.at)]),
  );
};

/** The same of two parts of the time; where both know a time, the second is right. */
export const mergedSeries = (a: Series, b: Series): Series =>
  new Map(
    [...new Set([...a.keys(), ...b.keys()])].map((metric) => {
      const points = new Map([...(a.get(metric) ?? []), ...(b.get(metric) ?? [])].map((point) => [point.at, point]));
      return [metric, [...points.values()].sort((x, y) => x.at - y.at)];
    }),
  );

/** A subject's samples as a frame. */
export const frameOf = (subject: string, series: Series): Frame => {
  const times = [...new Set([...series.values()].flatMap((points) => points.map(({ at }) => at)))].sort(
    (a, b) => a - b,
  );
  const columns = [...series].map(([metric, points]): Column => {
    const at = new Map(points.map((point) => [point.at, point.avg]));
    return { subject, metric, values: times.map((time) => at.get(time)) };
  });
  return { times, columns };
};
