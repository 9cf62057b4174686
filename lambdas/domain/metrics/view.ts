import * as z from 'zod';
import { Instant } from '../ids.ts';
import { kindOf, METRIC_NAMES, METRICS, type MetricName, type SubjectKind, type Values } from './catalog.ts';
import { GapView } from './gaps.ts';
import { RESOLUTIONS, type Shown } from './retention.ts';
import type { Series } from './series.ts';

/** A time or a span of times, one after the other, in what a series was over it. */
const PointView = z.strictObject({ at: Instant, avg: z.number(), min: z.number(), max: z.number() });

/** What is measured of a VM or a host over a span of time. Where nothing is known there is no point: never a nought. */
export const SeriesView = z
  .strictObject({
    from: Instant,
    to: Instant,
    /** How finely the plane still knows it. */
    resolution: z.enum(['raw', '5m', '1h']),
    /** The time between points, each of which is of all samples from then on. */
    stepSeconds: z.number(),
    /** Of a VM: why nothing is known of a while, where nothing is. */
    gaps: z.array(GapView).optional(),
    series: z.array(z.strictObject({ metric: z.enum(METRIC_NAMES), unit: z.string(), points: z.array(PointView) })),
  })
  .meta({ id: 'Metrics' });
export type SeriesView = z.infer<typeof SeriesView>;

const instant = (at: number): string => new Date(at).toISOString();

/** @see SeriesView */
export const seriesView = (
  series: Series,
  span: { from: number; to: number },
  { resolution, stepMs }: Shown,
): SeriesView => ({
  from: instant(span.from),
  to: instant(span.to),
  resolution,
  stepSeconds: stepMs / RESOLUTIONS.raw.stepMs,
  series: METRIC_NAMES.flatMap((metric) => {
    const points = series.get(metric) ?? [];
    if (points.length === 0) return [];
    const shown = points.map(({ at, avg, min, max }) => ({ at: instant(at), avg, min, max }));
    return [{ metric, unit: METRICS[metric].unit, points: shown }];
  }),
});

/** Values by metric, for an answer: those that are known. */
export const ValuesView = z.partialRecord(z.enum(METRIC_NAMES), z.number());

const SummaryView = z.strictObject({
  count: z.number().int(),
  sum: z.number(),
  avg: z.number(),
  min: z.number(),
  max: z.number(),
  p50: z.number(),
  p95: z.number(),
});

/** Who of many uses most now, and what all use together. */
export const TopView = z
  .strictObject({
    /** Over the time until then. */
    at: Instant,
    overSeconds: z.number(),
    items: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        state: z.string(),
        host: z.string().optional(),
        /** When it was last measured; absent of one that was not. */
        measuredAt: Instant.optional(),
        values: ValuesView,
      }),
    ),
    /** Of all that were asked for, not only of those shown. */
    summary: z.partialRecord(z.enum(METRIC_NAMES), SummaryView),
  })
  .meta({ id: 'Top' });
export type TopView = z.infer<typeof TopView>;

/** The metrics of VMs or of hosts. */
export const metricsOf = (kind: SubjectKind): [MetricName, ...MetricName[]] => {
  // Each kind has some.
  return METRIC_NAMES.filter((name) => kindOf(name) === kind) as [MetricName, ...MetricName[]];
};

/** Those with more of a metric first; those of which it is not known last. */
export const byMost =
  (metric: MetricName) =>
  (
    a: { readonly values: Values; readonly name: string },
    b: { readonly values: Values; readonly name: string },
  ): number => {
    const [x, y] = [a.values[metric], b.values[metric]];
    if (x === y) return a.name < b.name ? -1 : 1;
    if (x === undefined) return 1;
    return y === undefined ? -1 : y - x;
  };
