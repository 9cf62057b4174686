import * as z from 'zod';
import { type AlertGroup, flushesUntil, type Timed } from '../domain/alerts/alert-group.ts';
import { ProjectId } from '../domain/project.ts';
import type { OurEvent } from './bus.ts';
import { chunked } from './chunks.ts';
import { env, text } from './env.ts';
import { logger } from './powertools.ts';
import { type Message, sendAll } from './queue.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/** A tick comes each minute, and looks this far ahead: what is due later is a later tick's. */
export const SOON_MS = 60_000;

/** So many groups are told of by one call at once: each waits for receivers of its own, and a transaction takes twice as many rows. */
const MOST_GROUPS = 50;

/**
 * That a group of alerts is due, and others of its project with it. Their rows say whether they are still: a stale one is a no-op.
 * Who was deployed before there were others tells of the first, and the next tick finds the rest. With what a person did about the
 * first, only messages that are changed in place show that, and nobody is told.
 */
export const GroupDue = z.object({
  alertGroupId: z.string(),
  project: ProjectId,
  others: z.array(z.string()).optional(),
  deed: z.string().optional(),
});
export type GroupDue = z.infer<typeof GroupDue>;

/** All groups that are due by it. */
export const groupsDue = ({ project, alertGroupId, others = [] }: GroupDue): Pick<AlertGroup, 'id' | 'project'>[] =>
  [alertGroupId, ...others].map((id) => ({ project, id }));

/** A group, and ms since the epoch at which it is to be told of. */
export interface Wake {
  readonly group: Pick<AlertGroup, 'id' | 'project'>;
  readonly at: number;
}

/** "Alert Group Due" of our own bus: groups are told of by one function alone, which hears of it so. */
export const groupDueEvent = (due: GroupDue, at: number): OurEvent => ({
  noun: 'alert',
  type: 'Alert Group Due',
  id: `${due.project}:${due.alertGroupId}:${at}`,
  detail: { ...due },
});

const secondsUntil = ({ at }: Wake, now: number): number => Math.max(0, Math.ceil((at - now) / 1_000));

/** Groups of one project, by their seconds, as the queue has them. */
const messagesOf = (project: string, wakes: readonly Wake[], now: number): Message[] =>
  [...Map.groupBy(wakes, (each) => secondsUntil(each, now))].flatMap(([delaySeconds, all]) => {
    const ids = [...new Set(all.map(({ group }) => group.id))];
    return chunked(ids, MOST_GROUPS).map(([alertGroupId, ...others]) => ({
      body: { alertGroupId, project, ...(others.length > 0 ? { others } : {}) },
      delaySeconds,
    }));
  });

/** Lets groups be told of, at once or in their time, where that is within a minute. What the queue does not take the next tick finds. */
export const wake = async (wakes: readonly Wake[], now: number): Promise<void> => {
  const soon = wakes.filter(({ at }) => at - now <= SOON_MS);
  const byProject = Map.groupBy(soon, ({ group }) => group.project);
  const messages = [...byProject].flatMap(([project, all]) => messagesOf(project, all, now));
  for (const error of (await sendAll(QueueUrl, messages)).values()) {
    logger.warn('groups of alerts wait for the next tick', { error });
  }
};

/** Lets the messages of groups that are changed in place show what a person did. What the queue does not take their next word shows. */
export const wakeToShow = async (groups: readonly Wake['group'][], deed: string): Promise<void> => {
  const messages = groups.map(
    ({ id, project }): Message => ({
      body: { alertGroupId: id, project, deed } satisfies GroupDue,
      delaySeconds: 0,
    }),
  );
  for (const error of (await sendAll(QueueUrl, messages)).values()) {
    logger.warn('a message waits for the next word of its group', { error });
  }
};

/**
 * Lets groups be told of at each of their moments until the next tick has certainly come: whoever tells of a group never sends
 * for it himself, since Lambda ends a queue that feeds itself.
 */
export const wakeWithin = (groups: readonly Timed[], now: number): Promise<void> =>
  wake(
    groups.flatMap((group) => flushesUntil(group, now, now + SOON_MS).map((at) => ({ group, at }))),
    now,
  );
