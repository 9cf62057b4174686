import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Fault } from '../domain/faults.ts';
import { eventBridge } from './clients.ts';
import { env, text } from './env.ts';

const { BUS_NAME } = env({ BUS_NAME: text });

/** One event of ours: `source` is `novacron.<noun>`, the type reads like "VM State Changed", the detail carries its version. */
export interface OurEvent {
  readonly noun: 'vm' | 'operation' | 'host' | 'finding' | 'schedule' | 'calendar';
  readonly type: string;
  /** The same at every delivery: what a receiver tells repeats by. */
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Version of every detail; a field may be added within it, and none changes its meaning. */
const VERSION = '1';

/** Puts an event on the bus. @throws where EventBridge did not take it, so that the caller's queue tries again */
export const publish = async ({ noun, type, id, detail }: OurEvent): Promise<void> => {
  const entry = {
    EventBusName: BUS_NAME,
    Source: `novacron.${noun}`,
    DetailType: type,
    Detail: JSON.stringify({ version: VERSION, id, ...detail }),
  };
  const { Entries: [answer] = [] } = await eventBridge().send(new PutEventsCommand({ Entries: [entry] }));
  if (!answer?.ErrorCode) return;
  // Of one entry it refuses only what is malformed; else it is busy, or away.
  const name = /^(Throttl|Internal)/.test(answer.ErrorCode) ? 'ProviderUnreachable' : 'Internal';
  throw new Fault(name, `EventBridge did not take "${type}": ${answer.ErrorCode}`);
};
