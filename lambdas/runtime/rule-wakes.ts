import * as z from 'zod';
import { HostId } from '../domain/ids.ts';
import { ProjectId } from '../domain/project.ts';
import { DEEPEST } from '../domain/rules/deepest.ts';
import type { OurEvent } from './bus.ts';
import { env, text } from './env.ts';
import { logger } from './powertools.ts';
import { type Message, sendAll } from './queue.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/**
 * Looks at composites that may be ordered one by the other: as many as composites may be made of each other, each of which may wait
 * for a time of its own. Lambda ends a queue that feeds itself 16 times ("Use Lambda recursive loop detection", AWS Lambda Developer Guide).
 */
const LOOKS_IN_A_ROW = DEEPEST;

/** That something of a host's rules, or of a project's composites, is due. What they know says what, and whether it is still. */
export const RulesLook = z.union([
  z.object({ rulesOfHost: HostId }),
  z.object({
    compositesOf: ProjectId,
    /** How many more this look may have ordered, one by the other. */
    further: z.number().int().min(0).max(LOOKS_IN_A_ROW).default(LOOKS_IN_A_ROW),
  }),
]);
export type RulesLook = z.infer<typeof RulesLook>;
type OrderedLook = z.input<typeof RulesLook>;

/** "Rules Due" of our own bus, about one host or project. */
export const rulesLookEvent = (look: OrderedLook, now: number): OurEvent => ({
  noun: 'alert',
  type: 'Rules Due',
  id: `rules-due ${Object.values(look).join()} ${now}`,
  detail: { ...look },
});

/** Has looks ordered for moments, beside those that are ordered already. @returns all that are ordered now */
export type Order = (due: readonly number[], ordered: readonly number[], now: number) => Promise<readonly number[]>;

/** Orders looks for moments for which none is ordered yet. What the queue does not take the next tick finds. */
export const orderLooks =
  (look: OrderedLook): Order =>
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
