import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { Fault } from '../domain/faults.ts';
import { filled } from './chunks.ts';
import { eventBridge } from './clients.ts';
import { env, text } from './env.ts';

const { BUS_NAME } = env({ BUS_NAME: text });

/** One event of ours: `source` is `novacron.<noun>`, the type reads like "VM State Changed", the detail carries its version. */
export interface OurEvent {
  readonly noun: 'vm' | 'operation' | 'host' | 'finding' | 'schedule' | 'calendar' | 'alert';
  readonly type: string;
  /** The same at every delivery: what a receiver tells repeats by. */
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Version of every detail; a field may be added within it, and none changes its meaning. */
const VERSION = '1';

/** What EventBridge is given of an event. */
export const entryOf = ({ noun, type, id, detail }: OurEvent): PutEventsRequestEntry => ({
  EventBusName: BUS_NAME,
  Source: `novacron.${noun}`,
  DetailType: type,
  Detail: JSON.stringify({ version: VERSION, id, ...detail }),
});

/** PutEvents takes no more entries in a call, and no more bytes of all of them (EventBridge API reference, "PutEvents"). */
const A_CALL = 10;
const BYTES_A_CALL = 256 * 1024;

/** What EventBridge counts of an entry, and a little more for what it counts beside these. */
const bytesOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Source + DetailType + Detail) + 64;

const refusalOf = ({ type }: OurEvent, code: string): Fault => {
  // Of an entry it refuses only what is malformed; else it is busy, or away.
  const name = /^(Throttl|Internal)/.test(code) ? 'ProviderUnreachable' : 'Internal';
  return new Fault(name, `EventBridge did not take "${type}": ${code}`);
};

/**
 * Puts events on the bus, as many a call as it takes. @returns those that EventBridge did not take, and why, so that the caller's
 * queue tries them again
 */
export const publishAll = async (events: readonly OurEvent[]): Promise<ReadonlyMap<OurEvent, unknown>> => {
  const failed = new Map<OurEvent, unknown>();
  const entries = events.map((event) => ({ event, entry: entryOf(event) }));
  for (const call of filled(entries, A_CALL, BYTES_A_CALL, ({ entry }) => bytesOf(entry))) {
    try {
      const put = new PutEventsCommand({ Entries: call.map(({ entry }) => entry) });
      const { Entries = [] } = await eventBridge().send(put);
      for (const [index, { event }] of call.entries()) {
        const code = Entries[index]?.ErrorCode;
        if (code) failed.set(event, refusalOf(event, code));
      }
    } catch (error) {
      for (const { event } of call) failed.set(event, error);
    }
  }
  return failed;
};

/** Puts an event on the bus. @throws where EventBridge did not take it, so that the caller's queue tries again */
export const publish = async (event: OurEvent): Promise<void> => {
  const failed = await publishAll([event]);
  if (failed.has(event)) throw failed.get(event);
};
