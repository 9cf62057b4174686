import * as z from 'zod';
import { Instant, VmId } from '../ids.ts';
import { kindOf, METRIC_NAMES, type SubjectKind, type Values } from './catalog.ts';

/** What a host may send at once; its unit makes several requests of more. */
export const MOST_SAMPLES = 60;
const MOST_DOMAINS = 2000;

/** A metric that a newer unit knows and this plane does not is left out, not refused. */
const valuesOf = (kind: SubjectKind) => {
  const known = new Set<string>(METRIC_NAMES.filter((name) => kindOf(name) === kind));
  return z
    .record(z.string().max(64), z.number())
    .transform((said): Values => Object.fromEntries(Object.entries(said).filter(([name]) => known.has(name))));
};

/** What one domain of the host was seen to do. */
const DomainSample = z.strictObject({ uuid: z.guid(), vmId: VmId.optional(), values: valuesOf('vm') });

/** One look at a host and at all of its domains that run. */
const HostSample = z.strictObject({
  at: Instant,
  /** The time since the look before, over which rates were reckoned. */
  intervalSeconds: z.number().positive().max(3600),
  host: valuesOf('host'),
  domains: z.array(DomainSample).max(MOST_DOMAINS),
});
export type HostSample = z.infer<typeof HostSample>;

/** What a host unit sends to POST /v1/hosts/{id}/metrics, oldest first. */
export const MetricsReport = z.strictObject({
  unitVersion: z.string().max(64),
  sentAt: Instant,
  samples: z.array(HostSample).min(1).max(MOST_SAMPLES),
});
export type MetricsReport = z.infer<typeof MetricsReport>;

/** What the plane answers: how often it wants to be told. */
export const MetricsAnswer = z.strictObject({ sampleSeconds: z.number().int().positive() });
