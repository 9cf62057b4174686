import * as z from 'zod';
import { projectOf } from '../domain/project.ts';
import { FailedOperation, noticeOf } from './notice.ts';
import { tellOf } from './tell-of.ts';

/** "Operation Failed" and "Operation Needs Attention" of bus `novacron`. */
const Told = z.object({ detail: FailedOperation });

/** Tells people of an operation that failed. */
export const handler = (event: unknown): Promise<void> => {
  const failed = Told.parse(event).detail;
  const { kind, state, error, vmName, vmId, hostId, provider, endedAt } = failed;
  const alertname = state === 'needs-attention' ? 'OperationNeedsAttention' : 'OperationFailed';
  return tellOf(noticeOf(failed), {
    project: projectOf(failed),
    labels: {
      alertname,
      operation: kind,
      fault: error?.name ?? '',
      vm: vmName ?? vmId ?? '',
      host: hostId ?? '',
      provider: provider ?? '',
    },
    at: endedAt ?? new Date().toISOString(),
  });
};
