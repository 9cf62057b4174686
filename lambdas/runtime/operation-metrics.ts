import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Operation } from '../domain/operation.ts';
import { metrics } from './powertools.ts';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** One EMF line with its own dimensions beside the service. */
const line = (dimensions: Record<string, string>, values: readonly (readonly [string, Unit, number])[]): void => {
  const single = metrics.singleMetric();
  for (const [name, value] of Object.entries(dimensions)) single.addDimension(name, value);
  // singleMetric writes each metric at once, under the dimensions it has.
  for (const [name, unit, value] of values) single.addMetric(name, unit, value);
};

/**
 * Counts an operation that has ended: by kind, provider and outcome, by fault, and for the alarm in one figure. To be called
 * by whoever won the write of its end, so that it is counted once; a function that dies between the two leaves it out.
 */
export const countOperation = ({
  kind,
  provider = 'kvm',
  state,
  attempt,
  error,
  createdAt,
  endedAt,
}: Operation): void => {
  const seconds = (Date.parse(endedAt ?? createdAt) - Date.parse(createdAt)) / 1000;
  const dimensions = { operation: kind, provider, outcome: state };
  line(dimensions, [['Operations', MetricUnit.Count, 1]]);
  line(dimensions, [['OperationDuration', MetricUnit.Seconds, seconds]]);
  line(dimensions, [['OperationAttempts', MetricUnit.Count, attempt]]);
  if (error) line({ fault: error.name }, [['Faults', MetricUnit.Count, 1]]);
  if (state === 'failed' || state === 'needs-attention') line({}, [['OperationFailed', MetricUnit.Count, 1]]);
};
