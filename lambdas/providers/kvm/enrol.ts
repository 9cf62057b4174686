import {
  CreateActivationCommand,
  DeregisterManagedInstanceCommand,
  DescribeInstanceInformationCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { Fault } from '../../domain/faults.ts';
import type { Host, HostFacts } from '../../domain/host.ts';
import type { Ask } from '../provider.ts';
import { awsFault } from './aws-faults.ts';
import { type Channel, commentOf, invocationOf, type Sent, send, sendFenced } from './commands.ts';
import { factsOfResult } from './host-facts.ts';
import { resultOf } from './outcome.ts';
import type { EnrolPayload, UnitPayload } from './payload.ts';

/** How long the printed command may be used. Short: whoever has it can put one machine into the account. */
const ACTIVATION_MINUTES = 60;

const MINUTE_MS = 60_000;

export interface Activation {
  readonly id: string;
  readonly code: string;
  /** ISO instant. */
  readonly expiresAt: string;
}

const translated =
  (call: string) =>
  (error: unknown): never => {
    throw awsFault(error, call);
  };

/** A hybrid activation for exactly this host. @throws Throttled, ProviderDenied, Internal */
export const createActivation = async (
  { ssm, installation }: Channel,
  host: Pick<Host, 'id' | 'name'>,
  { nodeRole, nowMs }: { readonly nodeRole: string; readonly nowMs: number },
): Promise<Activation> => {
  const expires = new Date(nowMs + ACTIVATION_MINUTES * MINUTE_MS);
  const request = new CreateActivationCommand({
    Description: `NovaCron ${installation} host ${host.name}`,
    DefaultInstanceName: host.name,
    IamRole: nodeRole,
    RegistrationLimit: 1,
    ExpirationDate: expires,
    Tags: [
      { Key: 'novacron:installation', Value: installation },
      { Key: 'novacron:host', Value: host.id },
    ],
  });
  const { ActivationId, ActivationCode } = await ssm.send(request).catch(translated('CreateActivation'));
  if (!ActivationId || !ActivationCode) throw new Fault('Internal', 'SSM gave an activation without id or code.');
  return { id: ActivationId, code: ActivationCode, expiresAt: expires.toISOString() };
};

/** Where a host must be able to dial out to, port 443. */
export const endpointsOf = (region: string, apiUrl: string): string[] => [
  `ssm.${region}.amazonaws.com`,
  `ssmmessages.${region}.amazonaws.com`,
  `ec2messages.${region}.amazonaws.com`,
  `s3.${region}.amazonaws.com`,
  `amazon-ssm-${region}.s3.${region}.amazonaws.com`,
  new URL(apiUrl).host,
];

/** A machine that has registered for a host. */
interface Node {
  readonly id: string;
  readonly isOnline: boolean;
}

/** The nodes that registered for a host, the newest first. @throws Throttled, ProviderUnreachable, ProviderDenied */
export const nodesOf = async ({ ssm }: Channel, hostId: string): Promise<Node[]> => {
  const request = new DescribeInstanceInformationCommand({ Filters: [{ Key: 'tag:novacron:host', Values: [hostId] }] });
  const { InstanceInformationList = [] } = await ssm.send(request).catch(translated('DescribeInstanceInformation'));
  return InstanceInformationList.sort(
    (a, b) => (b.RegistrationDate?.getTime() ?? 0) - (a.RegistrationDate?.getTime() ?? 0),
  ).flatMap(({ InstanceId: id, PingStatus }) => (id === undefined ? [] : [{ id, isOnline: PingStatus === 'Online' }]));
};

/** The node that registered for a host and is not `but`, the newest where it did so again; undefined while none has, or it is not online. */
export const findNode = async (channel: Channel, hostId: string, but?: string): Promise<string | undefined> =>
  (await nodesOf(channel, hostId)).find(({ id, isOnline }) => isOnline && id !== but)?.id;

/** Asks a machine by what it is the host whose link we know. It changes nothing there, so it needs no fence. */
export const proveHost = (channel: Channel, nodeId: string, ask: Ask, link = 'none'): Promise<Sent> =>
  send(channel, 'ProveHost', { nodeId, comment: commentOf(ask), parameters: { Link: link } });

/** Checks the host and installs the host unit; `i-…` nodes of EC2 are prepared alike. */
export const prepareHost = (channel: Channel, nodeId: string, ask: Ask, payload: EnrolPayload): Promise<Sent> =>
  sendFenced(channel, 'EnrolHost', { nodeId, ask, payload });

const onUnit =
  (verb: 'UpgradeUnit' | 'RemoveUnit') =>
  (channel: Channel, nodeId: string, ask: Ask, hostId: string): Promise<Sent> =>
    sendFenced(channel, verb, {
      nodeId,
      ask,
      payload: { installation: channel.installation, hostId } satisfies UnitPayload,
    });

/** Puts the version that the document carries in place of the host unit that runs; nothing is checked anew. */
export const upgradeUnit = onUnit('UpgradeUnit');

/** Takes the host unit away; VMs and disks stay where they are. */
export const removeUnit = onUnit('RemoveUnit');

/** Ends a node's registration; one that is gone already is fine, and EC2 instances (`i-…`) have none. */
export const deregisterNode = async (ssm: SSMClient, nodeId: string): Promise<void> => {
  if (!nodeId.startsWith('mi-')) return;
  try {
    await ssm.send(new DeregisterManagedInstanceCommand({ InstanceId: nodeId }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'InvalidInstanceId'))
      throw awsFault(error, 'DeregisterManagedInstance');
  }
};

/** A look at EnrolHost: the host's facts, undefined while it runs. @throws as factsOfResult, or the command's Fault */
export const lookAtEnrolment = async (ssm: SSMClient, sent: Sent): Promise<HostFacts | undefined> => {
  const result = resultOf(await invocationOf(ssm, sent));
  return result === undefined ? undefined : factsOfResult(result);
};
