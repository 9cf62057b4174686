import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What must not stand in a log, whoever hands it over: the names of keys whose values are hidden. */
const SECRET = /^(authorization|token|taskToken|activationCode|password|secret|userData|clientSecret|value)$/i;

const redact = (key: string, value: unknown): unknown => (SECRET.test(key) && value !== '' ? '[hidden]' : value);

/** One JSON line an event; service, level and correlation ids by Powertools, secrets hidden by key. Bodies are never logged. */
export const logger = new Logger({ jsonReplacerFn: redact });

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** EMF metrics in namespace NovaCron; the service is the only default dimension. Nothing is stored in it between two lines. */
const metrics = new Metrics();

/** Writes figures at once, in one EMF line, under dimensions of their own beside the service. */
export const measure = (
  figures: Readonly<Record<string, number>>,
  dimensions: Readonly<Record<string, string>> = {},
  units: Readonly<Record<string, Unit>> = {},
): void => {
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const [name, value] of Object.entries(figures)) metrics.addMetric(name, units[name] ?? MetricUnit.Count, value);
  metrics.publishStoredMetrics();
};
