import * as z from 'zod';
import type { MetricName, SubjectKind } from '../domain/metrics/catalog.ts';
import { summaries } from '../domain/metrics/latest.ts';
import { byMost, metricsOf, type TopView } from '../domain/metrics/view.ts';
import { readLatest } from '../runtime/read-samples.ts';

/** By what, of how many, and over how long. */
export const topQuery = (kind: SubjectKind) =>
  z.strictObject({
    by: z.enum(metricsOf(kind)).default(kind === 'vm' ? 'vm.cpu.utilization' : 'host.cpu.utilization'),
    limit: z.coerce.number().int().min(1).max(1000).default(20),
    overSeconds: z.coerce.number().int().min(15).max(900).default(60),
  });

/** One of the many that are compared. */
interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly host?: string | undefined;
}

/** Who of these uses most, by what their sources measured last. */
export const topOf = async (
  candidates: readonly Candidate[],
  sources: readonly string[],
  query: { readonly by: MetricName; readonly limit: number; readonly overSeconds: number },
  now: number,
): Promise<TopView> => {
  const latest = await readLatest(sources, query.overSeconds * 1000, now);
  const items = candidates.map(({ id, name, state, host }) => {
    const measured = latest.get(id);
    return {
      id,
      name,
      state,
      ...(host === undefined ? {} : { host }),
      ...(measured ? { measuredAt: new Date(measured.at).toISOString() } : {}),
      values: measured?.values ?? {},
    };
  });
  return {
    at: new Date(now).toISOString(),
    overSeconds: query.overSeconds,
    items: items.toSorted(byMost(query.by)).slice(0, query.limit),
    summary: summaries(items.map(({ values }) => values)),
  };
};
