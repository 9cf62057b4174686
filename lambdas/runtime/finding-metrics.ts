import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AuditRun } from '../domain/collection.ts';
import { metrics } from './powertools.ts';

/** Counts what an audit found: by invariant for the dashboard, and in one figure for the alarm. */
export const countFindings = ({ total, counts }: AuditRun): void => {
  metrics.singleMetric().addMetric('AuditFindings', MetricUnit.Count, total);
  for (const [invariant, count] of Object.entries(counts)) {
    const single = metrics.singleMetric();
    single.addDimension('invariant', invariant);
    single.addMetric('Findings', MetricUnit.Count, count);
  }
};
