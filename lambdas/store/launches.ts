import { randomUUID } from 'node:crypto';
import { Fault } from '../domain/faults.ts';
import * as operations from './operations.ts';
import * as table from './table.ts';

/** A launch that waits in the queue of actions, for the n-th time. */
interface Launch {
  readonly operationId: string;
  /** That of the operation, for erasing. */
  readonly project: string;
  readonly attempt: number;
  readonly refused: number;
}

/** The first delivery of its message; the row says that there was one. */
interface Begun extends Launch {
  /** Tells two deliveries of one message apart, which are alike in all else. */
  readonly delivery: string;
  readonly at: string;
  readonly version: number;
}

/** Far longer than a queue keeps what was delivered. */
const KEPT_SECONDS = 86_400;

/** Beside its operation. */
const entity: table.Entity<Begun> = {
  name: 'launch-begun',
  key: ({ operationId, attempt, refused }) => ({
    pk: operations.keyOf(operationId).pk,
    sk: `launch#${attempt}#${refused}`,
  }),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + KEPT_SECONDS,
};

const begunBefore = (): Fault => new Fault('WriteConflict', 'Another delivery of this launch was begun before.');

/**
 * Writes down that a launch out of the queue begins. SQS delivers a message twice now and then, and counts the second as a first
 * (Developer Guide, "Amazon SQS standard queues: at-least-once delivery"), so the message alone cannot tell.
 * @returns whether another delivery of it was begun before, whose end is not known
 * @throws ProviderUnreachable, Throttled
 */
export const isBegunBefore = async ({ operationId, project, attempt, refused }: Launch): Promise<boolean> => {
  const at = new Date().toISOString();
  const row: Begun = { operationId, project, attempt, refused, delivery: randomUUID(), at, version: 1 };
  try {
    await table.save(table.putNew(entity, row, begunBefore));
    return false;
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return true;
    throw error;
  }
};
