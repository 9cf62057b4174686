import { GetCommandInvocationCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { Fault } from '../../domain/faults.ts';
import type { Ask } from '../provider.ts';
import { awsFault } from './aws-faults.ts';
import type { Invocation } from './outcome.ts';
import { sealed } from './payload.ts';

/** The documents of ssm-documents/, each deployed as `NovaCron-<installation>-<Verb>`. */
export type Verb =
  | 'ProveHost'
  | 'EnrolHost'
  | 'CreateVm'
  | 'StartVm'
  | 'StopVm'
  | 'RebootVm'
  | 'ResetVm'
  | 'RemoveVm'
  | 'UndeleteVm'
  | 'UndoCreateVm'
  | 'ConsoleLog'
  | 'UpgradeUnit'
  | 'RemoveUnit';

/** Seconds in which a host must take a command. Longer, and a host that comes back runs what was long undone. */
const DELIVERY_SECONDS = 60;

/** One command as SSM knows it. */
export interface Sent {
  readonly commandId: string;
  readonly nodeId: string;
}

export interface Channel {
  readonly ssm: SSMClient;
  readonly installation: string;
}

/** The mark by which an event, and a lost reply, finds the step that waits for it. */
export const commentOf = (ask: Pick<Ask, 'operationId' | 'attempt'>): string => `${ask.operationId}#${ask.attempt}`;

/** Reads a comment back; undefined where the command is none of a waiting step. */
export const askOfComment = (comment: string | undefined): { operationId: string; attempt: number } | undefined => {
  const [, operationId, attempt] = comment?.match(/^(op-[0-9a-hjkmnp-tv-z]{26})#([1-9]\d{0,5})$/) ?? [];
  return operationId === undefined ? undefined : { operationId, attempt: Number(attempt) };
};

/** Runs one document on one node. @throws HostUnreachable, ProviderUnreachable, Throttled, ProviderDenied, SpecRefused, Internal */
export const send = async (
  { ssm, installation }: Channel,
  verb: Verb,
  command: { nodeId: string; comment: string; parameters: Record<string, string> },
): Promise<Sent> => {
  const request = new SendCommandCommand({
    DocumentName: `NovaCron-${installation}-${verb}`,
    InstanceIds: [command.nodeId],
    Comment: command.comment,
    TimeoutSeconds: DELIVERY_SECONDS,
    Parameters: Object.fromEntries(Object.entries(command.parameters).map(([name, value]) => [name, [value]])),
  });
  const reply = await ssm.send(request).catch((error: unknown) => {
    throw awsFault(error, verb);
  });
  const commandId = reply.Command?.CommandId;
  // Repeating is safe: the host answers the same attempt from its journal.
  if (!commandId) throw new Fault('ProviderUnreachable', `SSM gave no id of the command ${verb}.`);
  return { commandId, nodeId: command.nodeId };
};

/** Runs a document under an operation's fence: late or repeated, it does nothing twice. */
export const sendFenced = (
  channel: Channel,
  verb: Verb,
  command: { nodeId: string; ask: Ask; domain?: string; payload: object },
): Promise<Sent> =>
  send(channel, verb, {
    nodeId: command.nodeId,
    comment: commentOf(command.ask),
    parameters: {
      Op: command.ask.operationId,
      Attempt: String(command.ask.attempt),
      NotAfter: command.ask.notAfter,
      ...(command.domain === undefined ? {} : { Domain: command.domain }),
      ...sealed(command.payload),
    },
  });

/** What SSM knows of a command; one that is not there yet counts as pending. @throws as `send` */
export const invocationOf = async (
  ssm: SSMClient,
  { commandId, nodeId }: Sent,
): Promise<Invocation & { readonly Comment?: string | undefined }> => {
  try {
    const reply = await ssm.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: nodeId }));
    return { ...reply, InstanceId: nodeId };
  } catch (error) {
    // Reads lag behind SendCommand by a moment.
    if (error instanceof Error && error.name === 'InvocationDoesNotExist') return { Status: 'Pending' };
    throw awsFault(error, 'GetCommandInvocation');
  }
};
