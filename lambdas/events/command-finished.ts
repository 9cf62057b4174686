import * as z from 'zod';
import { askOfComment, invocationOf } from '../providers/kvm/commands.ts';
import { answer } from '../runtime/answer.ts';
import { ssm } from '../runtime/clients.ts';
import { heardFrom } from '../runtime/heard.ts';
import { logger } from '../runtime/powertools.ts';
import * as operations from '../store/operations.ts';

/** "EC2 Command Invocation Status-change Notification", source aws.ssm (Systems Manager User Guide, "Monitoring with EventBridge"). */
const Finished = z.object({ detail: z.object({ 'command-id': z.string(), 'instance-id': z.string() }) });

/** A command on a host has ended: its answer is read, and ends the wait of the attempt that sent it. Late ones end nothing. */
export const handler = async (event: unknown): Promise<void> => {
  const { detail } = Finished.parse(event);
  const sent = { commandId: detail['command-id'], nodeId: detail['instance-id'] };
  const invocation = await invocationOf(ssm(), sent);
  const ask = askOfComment(invocation.Comment);
  if (ask === undefined) return;
  const operation = await operations.find(ask.operationId);
  const said = operation?.wait && heardFrom(operation.wait.step, invocation);
  if (operation === undefined || said === undefined) return;
  const counted = await answer(operation, said, ask.attempt);
  if (!counted) logger.info('late answer of a host', { ...ask, ...sent });
};
