import { Fault, raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { doubtOf, type HostProof } from '../domain/host-proof.ts';
import type { Operation } from '../domain/operation.ts';
import type { Channel } from '../providers/kvm/commands.ts';
import { deregisterNode, nodesOf } from '../providers/kvm/enrol.ts';
import type { Answer } from '../providers/provider.ts';
import * as beats from '../store/beats.ts';
import * as hosts from '../store/hosts.ts';
import * as table from '../store/table.ts';
import * as vms from '../store/vms.ts';
import { ssm } from './clients.ts';
import { env, text } from './env.ts';
import { revokeHostTokens } from './host-tokens.ts';

const { INSTALLATION: installation } = env({ INSTALLATION: text });

/** What registered is no node of ours: it is not to be found again as the host's. @throws HostIsAnother */
const assertProved = async (host: Host, proof: HostProof): Promise<void> => {
  const living = host.identity === undefined ? await vms.livingOn(host.id) : [];
  const doubt = doubtOf(
    host,
    proof,
    living.map(({ id }) => id),
  );
  if (doubt === undefined) return;
  await deregisterNode(ssm(), proof.nodeId);
  throw new Fault('HostIsAnother', doubt);
};

/** From here on the plane speaks to the new node alone. A report in between made the host reachable: then the write is lost. */
const moveTo = ({ nodeId, link }: HostProof, host: Host): Promise<void> => {
  const known = link === undefined ? {} : { identity: link };
  return table.transact([
    table.swapping(hosts.entity, table.next({ ...host, ...known, nodeId, beatSeq: 0 })),
    // Its unit may count its reports anew.
    beats.forgetting(host.id),
  ]);
};

/** Every other node that has registered for this host, now or before: two machines under one id there are not. */
const endOthers = async (channel: Channel, hostId: string, nodeId: string): Promise<void> => {
  for (const other of await nodesOf(channel, hostId))
    if (other.id !== nodeId) await deregisterNode(channel.ssm, other.id);
};

/**
 * Lets a machine that has proved to be the operation's host take the place of the node that the host was. What it knew
 * before, tokens and registration, is worth nothing then. A second time it ends what was begun.
 * @throws HostIsAnother where it has not, and the host stays as it was; WriteConflict, Throttled, ProviderUnreachable, ProviderDenied
 */
export const takeOver = async (operation: Operation, proof: HostProof): Promise<Answer> => {
  const host = await hosts.get(operation.hostId ?? raise('Internal', `${operation.id} is about no host.`));
  if (host.nodeId !== proof.nodeId) {
    await assertProved(host, proof);
    await moveTo(proof, host);
  }
  await revokeHostTokens(host.id, new Date().toISOString(), operation.createdAt);
  await endOthers({ ssm: ssm(), installation }, host.id, proof.nodeId);
  return { status: 'done', detail: `It is ${host.name}, as ${proof.nodeId} from now on.` };
};
