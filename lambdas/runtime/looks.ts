import * as z from 'zod';
import { OperationId } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import { lookAfter } from '../domain/progress.ts';
import { env, text } from './env.ts';
import { type Message, send, sendAll } from './queue.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/** One look at a wait, in case its event was lost; the attempt makes a stale one a no-op. */
export const Look = z.object({ operationId: OperationId, attempt: z.number().int(), look: z.number().int().min(0) });
export type Look = z.infer<typeof Look>;

/** Seconds a guest has to stop by itself. */
export const graceOf = ({ input }: Operation): number =>
  typeof input.graceSeconds === 'number' ? input.graceSeconds : 60;

/** The wait's `look`-th look, and how long after the one before; undefined after the last: the Task's time-out ends the wait. */
const lookOf = (operation: Operation, look: number): Message | undefined => {
  const { wait } = operation;
  if (wait === undefined) return undefined;
  const grace = graceOf(operation);
  const at = lookAfter(wait.step, look, grace);
  if (at === undefined) return undefined;
  const before = look === 0 ? 0 : (lookAfter(wait.step, look - 1, grace) ?? 0);
  const body: Look = { operationId: operation.id, attempt: wait.attempt, look };
  return { body, delaySeconds: at - before };
};

/** Orders the first look of each wait. @returns those whose look the queue did not take, and why */
export const orderFirstLooks = async (operations: readonly Operation[]): Promise<ReadonlyMap<Operation, Error>> => {
  const ordered = operations.flatMap((operation) => {
    const message = lookOf(operation, 0);
    return message ? [{ operation, message }] : [];
  });
  const failed = await sendAll(
    QueueUrl,
    ordered.map(({ message }) => message),
  );
  return new Map(
    ordered.flatMap(({ operation }, index) => {
      const error = failed.get(index);
      return error ? [[operation, error] as const] : [];
    }),
  );
};

/** Orders the wait's `look`-th look. @returns whether there is one @throws Error where the queue did not take it */
export const orderLook = async (operation: Operation, look: number): Promise<boolean> => {
  const message = lookOf(operation, look);
  if (message === undefined) return false;
  await send(QueueUrl, message);
  return true;
};
