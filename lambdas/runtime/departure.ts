import type { Host } from '../domain/host.ts';
import { deregisterNode } from '../providers/kvm/enrol.ts';
import * as hosts from '../store/hosts.ts';
import { ssm } from './clients.ts';
import { untilWritten } from './until-written.ts';

/**
 * Ends the registration of a retired host's node: when its unit has had time to go, and before it is enrolled
 * anew. The row forgets the node last, so that what failed is done again. @throws ProviderDenied, Throttled …
 */
export const endRegistration = async ({ id, state, nodeId }: Host): Promise<void> => {
  if (state !== 'retired' || nodeId === undefined) return;
  await deregisterNode(ssm(), nodeId);
  await untilWritten(async () => {
    const host = await hosts.get(id);
    if (host.nodeId !== nodeId) return;
    const { nodeId: _, ...rest } = host;
    await hosts.swap(host, rest);
  });
};
