import { Fault } from '../domain/faults.ts';
import { type Action, delaysOf } from '../providers/ec2/actions.ts';
import { env, text } from './env.ts';
import { sendAll } from './queue.ts';

const { ACTIONS_QUEUE_URL: QueueUrl } = env({ ACTIONS_QUEUE_URL: text });

/** Puts an action into the queue. @throws ProviderUnreachable */
export const order = (action: Action, delaySeconds: number): Promise<void> => orderAll([{ action, delaySeconds }]);

/** An action, and when it is to be asked. */
export interface Timed {
  readonly action: Action;
  readonly delaySeconds: number;
}

/** Actions of one key, each with its pause. */
export const timed = (actions: readonly Action[]): Timed[] => {
  const delays = delaysOf(actions);
  return actions.map((action, index) => ({ action, delaySeconds: delays[index] ?? 0 }));
};

/** Puts many into the queue. @throws ProviderUnreachable where one was not taken; to send all again is harmless */
export const orderAll = async (many: readonly Timed[]): Promise<void> => {
  const messages = many.map(({ action, delaySeconds }) => ({ body: action, delaySeconds }));
  const [cause] = (await sendAll(QueueUrl, messages)).values();
  if (cause) throw new Fault('ProviderUnreachable', 'The queue of actions did not take it.', { cause });
};
