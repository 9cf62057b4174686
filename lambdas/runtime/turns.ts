import * as z from 'zod';
import { ScheduleId } from '../domain/ids.ts';
import { ProjectId } from '../domain/project.ts';
import type { Schedule } from '../domain/schedule.ts';
import { env, text } from './env.ts';
import { send } from './queue.ts';

const { LOOKS_QUEUE_URL: QueueUrl } = env({ LOOKS_QUEUE_URL: text });

/** A tick looks at a schedule that waits each minute: what ends later than in one is ordered by a later look. */
const SOON_MS = 60_000;

/** That a delay in a schedule's order is over; the version of its row makes a stale one a no-op. */
export const TurnDue = z.object({ scheduleId: ScheduleId, project: ProjectId, version: z.number().int() });
export type TurnDue = z.infer<typeof TurnDue>;

/** Orders a look at a schedule for when the delay ends that its next node waits for, where that is within a minute. */
export const orderTurn = async ({ id, project, version, lastRun }: Schedule, now: number): Promise<void> => {
  if (lastRun?.nextTurnAt === undefined) return;
  const left = Date.parse(lastRun.nextTurnAt) - now;
  if (left <= 0 || left > SOON_MS) return;
  const body: TurnDue = { scheduleId: id, project, version };
  await send(QueueUrl, { body, delaySeconds: Math.ceil(left / 1_000) });
};
