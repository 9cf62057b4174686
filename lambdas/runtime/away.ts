import { FAULTS, Fault } from '../domain/faults.ts';

/** AWS's ways to say "not now"; the SDK has tried three times before. */
const THROTTLED =
  /^(Throttl\w*|TooManyRequests\w*|RequestThrottled\w*|ProvisionedThroughputExceeded\w*|RequestLimitExceeded|SlowDown|KMSThrottling\w*)$/;

/** Whether AWS did nothing of it, for haste. */
export const isThrottled = (error: Error): boolean => THROTTLED.test(error.name);

/** The same, as the reason by which a transaction was cancelled. */
export const isHaste = (code: string | undefined): boolean => /^Throttl|^ProvisionedThroughput/.test(code ?? '');

/** Whether the service did not answer, or by an error of its own: what was asked may be done. */
export const isAway = (error: Error): boolean =>
  ('$fault' in error && error.$fault === 'server') || error.name === 'TimeoutError' || 'code' in error;

/** Whether the very same may go well later. Else it is ours to mend, or its sender's. */
export const mayPass = (error: unknown): boolean => {
  if (error instanceof Fault) return FAULTS[error.name].retry;
  return error instanceof Error && (isThrottled(error) || isAway(error));
};
