import * as z from 'zod';
import { HostId } from '../domain/ids.ts';
import { ProjectId } from '../domain/project.ts';
import type { OurEvent } from './bus.ts';
import { env, text } from './env.ts';
import { logger } from './powertools.ts';
import { type Message, sendAll } from './queue.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/**
 * That something of a host's rules, or of a project's composites, is due. What they know says what, and whether it is still. Where
 * parts of composites change what is ordered may order one more, which is the last.
 */
export const RulesLook = z.union([
  z.object({ rulesOfHost: HostId }),
  z.object({ compositesOf: ProjectId, isLast: z.literal(true).optional() }),
]);
export type RulesLook = z.infer<typeof RulesLook>;

/** "Rules Due" of our own bus, about one host or project. */
export const rulesLookEvent = (look: RulesLook, now: number): OurEvent => ({
  noun: 'alert',
  type: 'Rules Due',
  id: `rules-due ${Object.values(look).join()} ${now}`,
  detail: { ...look },
});

/** Has looks ordered for moments, beside those that are ordered already. @returns all that are ordered now */
export type Order = (due: readonly number[], ordered: readonly number[], now: number) => Promise<readonly number[]>;

/** Orders looks for moments for which none is ordered yet. What the queue does not take the next tick finds. */
export const orderLooks =
  (look: RulesLook): Order =>
  async (due, ordered, now) => {
    const messages = due
      .filter((at) => !ordered.includes(at))
      .map((at): Message => ({ body: look, delaySeconds: Math.max(0, Math.ceil((at - now) / 1_000)) }));
    for (const error of (await sendAll(QueueUrl, messages)).values()) {
      logger.warn('what rules wait for waits for the next tick', { error });
    }
    return due;
  };

/** Who looks because a look was ordered orders none of its kind: Lambda ends a queue that feeds itself. */
export const orderNone: Order = async (due, ordered) => due.filter((at) => ordered.includes(at));
