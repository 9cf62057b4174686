import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { Instant } from '../domain/ids.ts';
import type { MetricName, SubjectKind } from '../domain/metrics/catalog.ts';
import { HOUR_MS, RESOLUTIONS, shownAs } from '../domain/metrics/retention.ts';
import { metricsOf, type SeriesView, seriesView } from '../domain/metrics/view.ts';
import { type Asked, readSeries } from '../runtime/read-samples.ts';

/** Of what, from when to when, and in what steps a series is asked for. */
export const seriesQuery = (kind: SubjectKind) => {
  const known: readonly MetricName[] = metricsOf(kind);
  const isKnown = (name: string): name is MetricName => known.some((each) => each === name);
  return z.strictObject({
    /** One metric, or several with commas between; all without it. */
    metric: z
      .string()
      .max(2000)
      .transform((text) => text.split(','))
      .refine((names) => names.every(isKnown), { error: `metrics are ${known.join(', ')}` })
      .optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    stepSeconds: z.coerce.number().int().min(1).max(604_800).optional(),
  });
};
type Query = z.output<ReturnType<typeof seriesQuery>>;

const refused = (pointer: string, detail: string): Fault =>
  new Fault('InvalidRequest', `${pointer.slice('query/'.length)}: ${detail}.`, { errors: [{ pointer, detail }] });

const LONGEST_MS = RESOLUTIONS['1h'].keptSeconds * 1000;

const spanOf = (query: Query, now: number): { readonly from: number; readonly to: number } => {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = query.from === undefined ? to - HOUR_MS : Date.parse(query.from);
  if (from >= to) throw refused('query/from', 'must be before to');
  if (now - from > LONGEST_MS) throw refused('query/from', 'metrics are kept for 400 days');
  if (from > now) throw refused('query/from', 'must not be in the future');
  return { from, to };
};

/** What is known of a subject as it is asked for: the last hour, where nobody says. @throws InvalidRequest */
export const seriesAsked = async (asked: Asked, query: Query, now: number): Promise<SeriesView> => {
  const span = spanOf(query, now);
  const shown = shownAs(span.from, span.to, now, (query.stepSeconds ?? 0) * 1000);
  return seriesView(await readSeries({ ...asked, metrics: query.metric }, span, shown, now), span, shown);
};
