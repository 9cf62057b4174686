import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Operation } from '../domain/operation.ts';
import { measure } from './powertools.ts';

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
  measure(
    { Operations: 1, OperationDuration: seconds, OperationAttempts: attempt },
    { operation: kind, provider, outcome: state },
    { OperationDuration: MetricUnit.Seconds },
  );
  if (error) measure({ Faults: 1 }, { fault: error.name });
  if (state === 'failed' || state === 'needs-attention') measure({ OperationFailed: 1 });
};
