import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { OperationId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import { lookAfter } from '../domain/progress.ts';
import { sqs } from './clients.ts';
import { env, text } from './env.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/** One look at a wait, in case its event was lost; the attempt makes a stale one a no-op. */
export const Look = z.object({ operationId: OperationId, attempt: z.number().int(), look: z.number().int().min(0) });
export type Look = z.infer<typeof Look>;

/** Seconds a guest has to stop by itself. */
export const graceOf = ({ input }: Operation): number =>
  typeof input.graceSeconds === 'number' ? input.graceSeconds : 60;

/** Orders the wait's `look`-th look. @returns whether there is one: after the last the Task's time-out ends the wait */
export const orderLook = async (operation: Operation, look: number): Promise<boolean> => {
  const { wait } = operation;
  if (wait === undefined) return false;
  const grace = graceOf(operation);
  const at = lookAfter(wait.step, look, grace);
  if (at === undefined) return false;
  const before = look === 0 ? 0 : (lookAfter(wait.step, look - 1, grace) ?? 0);
  const message: Look = { operationId: operation.id, attempt: wait.attempt, look };
  await sqs().send(
    new SendMessageCommand({ QueueUrl, DelaySeconds: at - before, MessageBody: JSON.stringify(message) }),
  );
  return true;
};
