import { raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { newId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import { findNode, prepareHost } from '../providers/kvm/enrol.ts';
import { poolPathOf } from '../providers/kvm/layout.ts';
import type { Answer, Ask } from '../providers/provider.ts';
import * as hosts from '../store/hosts.ts';
import * as table from '../store/table.ts';
import * as tokens from '../store/tokens.ts';
import { ssm } from './clients.ts';
import { env, text } from './env.ts';

const { INSTALLATION: installation, API_URL: apiUrl } = env({ INSTALLATION: text, API_URL: text });

/** Told to the host in its payload: a beat each 10 s, so three missed ones are seen within 35 s. */
const BEAT_SECONDS = 10;

/** The first token of a host is replaced by the answer to its first report; a host that never reports loses it. */
const FIRST_TOKEN_MS = 86_400_000;

/** A token with which this host, and no other, may report. */
const tokenFor = async (host: Host, operation: Operation, at: Date): Promise<string> => {
  const minted = tokens.mint();
  const row = {
    id: newId('tok', at.getTime()),
    name: `host ${host.name}`,
    role: 'host' as const,
    hostId: host.id,
    hash: tokens.hashOf(minted),
    by: operation.by,
    createdAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + FIRST_TOKEN_MS).toISOString(),
    version: 1,
  };
  await table.transact([tokens.inserting(row)]);
  return minted;
};

/**
 * Sends EnrolHost to the node that has registered for the operation's host; while there is none, the wait goes on and a
 * later look comes here again. @throws HostNotFound, HostUnreachable
 */
export const prepare = async (operation: Operation, ask: Ask): Promise<Answer> => {
  const host = await hosts.get(operation.hostId ?? raise('Internal', `${operation.id} is about no host.`));
  const channel = { ssm: ssm(), installation };
  const nodeId = await findNode(channel, host.id);
  if (nodeId === undefined) return { status: 'pending', detail: 'Waiting for the host to register.' };
  const known = host.nodeId === nodeId ? host : await hosts.swap(host, { ...host, nodeId });
  const { proxy } = operation.input;
  const sent = await prepareHost(channel, nodeId, ask, {
    installation,
    hostId: known.id,
    hostName: known.name,
    apiUrl,
    token: await tokenFor(known, operation, new Date()),
    poolPath: known.facts?.pool.path ?? poolPathOf(installation),
    beatSeconds: BEAT_SECONDS,
    ...(typeof proxy === 'string' ? { proxy } : {}),
  });
  return { status: 'pending', ...sent };
};
