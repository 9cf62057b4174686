import * as z from 'zod';
import type { LabelSet } from '../domain/alerts/labels.ts';
import { placeLabels } from '../domain/alerts/vm-conditions.ts';
import { tagLabels } from '../domain/metrics/labels.ts';
import { projectOf } from '../domain/project.ts';
import * as hosts from '../store/hosts.ts';
import * as vms from '../store/vms.ts';
import { FailedOperation, noticeOf } from './notice.ts';
import { tellOf } from './tell-of.ts';

/** "Operation Failed" and "Operation Needs Attention" of bus `novacron`. */
const Told = z.object({ detail: FailedOperation });

/** Where its VM is, or its host, as alerts about these say it, and the tags of the VM. */
const placeOf = async ({
  vmId,
  hostId,
  provider = '',
}: FailedOperation): Promise<{ place: LabelSet; tags?: LabelSet }> => {
  const [vm, host] = await Promise.all([vmId && vms.find(vmId), hostId && hosts.find(hostId)]);
  if (vm) return { place: placeLabels(vm), tags: tagLabels(vm.tags) };
  return { place: { host: host ? host.name : (hostId ?? ''), host_id: hostId ?? '', provider } };
};

/** Tells people of an operation that failed. */
export const handler = async (event: unknown): Promise<void> => {
  const failed = Told.parse(event).detail;
  const { operationId, kind, state, error, vmName = '', vmId = '', endedAt } = failed;
  const alertname = state === 'needs-attention' ? 'OperationNeedsAttention' : 'OperationFailed';
  const about = { operation: kind, fault: error?.name ?? '', vm: vmName || vmId, vm_id: vmId };
  const { place, tags } = await placeOf(failed);
  await tellOf(noticeOf(failed), {
    project: projectOf(failed),
    labels: { alertname, ...about, ...place },
    ...(tags ? { tags } : {}),
    at: endedAt ?? new Date().toISOString(),
    own: { subject: operationId, isHeld: false },
  });
};
