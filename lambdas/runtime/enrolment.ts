import { raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { isAnew, type Operation } from '../domain/operation.ts';
import { findNode, prepareHost, proveHost } from '../providers/kvm/enrol.ts';
import { poolPathOf } from '../providers/kvm/layout.ts';
import type { Answer, Ask } from '../providers/provider.ts';
import * as hosts from '../store/hosts.ts';
import { ssm } from './clients.ts';
import { env, text } from './env.ts';
import { FIRST_TOKEN_MS, hostToken } from './host-tokens.ts';

const { INSTALLATION: installation, API_URL: apiUrl } = env({ INSTALLATION: text, API_URL: text });

/** Told to the host in its payload: a beat each 10 s, so three missed ones are seen within 35 s. */
const BEAT_SECONDS = 10;

const channel = () => ({ ssm: ssm(), installation });

const hostOf = (operation: Operation): Promise<Host> =>
  hosts.get(operation.hostId ?? raise('Internal', `${operation.id} is about no host.`));

const WAITING = { status: 'pending', detail: 'Waiting for the host to register.' } as const;

/**
 * Sends ProveHost to the node that has registered beside the one that the operation's host was; while there is none, the
 * wait goes on and a later look comes here again. @throws HostNotFound, HostUnreachable
 */
export const prove = async (operation: Operation, ask: Ask): Promise<Answer> => {
  const host = await hostOf(operation);
  const nodeId = await findNode(channel(), host.id, host.nodeId);
  if (nodeId === undefined) return WAITING;
  return { status: 'pending', ...(await proveHost(channel(), nodeId, ask, host.identity)) };
};

/** A host that is taken anew has proved its node; another that registers meanwhile has not. */
const nodeOf = (operation: Operation, host: Host): Promise<string | undefined> | string | undefined =>
  isAnew(operation) ? host.nodeId : findNode(channel(), host.id);

/**
 * Sends EnrolHost to the node that has registered for the operation's host; while there is none, the wait goes on and a
 * later look comes here again. @throws HostNotFound, HostUnreachable
 */
export const prepare = async (operation: Operation, ask: Ask): Promise<Answer> => {
  const host = await hostOf(operation);
  const nodeId = await nodeOf(operation, host);
  if (nodeId === undefined) return WAITING;
  const known = host.nodeId === nodeId ? host : await hosts.swap(host, { ...host, nodeId });
  const { proxy } = operation.input;
  const sent = await prepareHost(channel(), nodeId, ask, {
    installation,
    hostId: known.id,
    hostName: known.name,
    apiUrl,
    token: await hostToken(known, new Date().toISOString(), FIRST_TOKEN_MS),
    poolPath: known.facts?.pool.path ?? poolPathOf(installation),
    beatSeconds: BEAT_SECONDS,
    ...(typeof proxy === 'string' ? { proxy } : {}),
  });
  return { status: 'pending', ...sent };
};
