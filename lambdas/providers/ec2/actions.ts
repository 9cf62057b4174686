import * as z from 'zod';
import { OperationId, VmId } from '../../domain/ids.ts';

/** Something to be asked of EC2 that waits in the queue of actions, for the open wait of its operation. */
export const Action = z.strictObject({
  action: z.enum(['launch', 'start', 'stop', 'terminate']),
  account: z.string().optional(),
  region: z.string(),
  /** Absent where one is to be launched. */
  instanceId: z.string().optional(),
  vmId: VmId,
  operationId: OperationId,
  /** Of the wait: once it is another, nobody wants this any more. */
  attempt: z.number().int(),
  /** Of a stop only. */
  force: z.boolean().optional(),
  skipOsShutdown: z.boolean().optional(),
  hibernate: z.boolean().optional(),
  /** How often EC2 has refused it for haste. */
  refused: z.number().int().default(0),
  /** It was begun before, and its end is not known. */
  repeated: z.boolean().optional(),
});
export type Action = z.infer<typeof Action>;

/** What a person reads of a step that has to wait for EC2. */
export const toldToSlowDown = (refused: number): string =>
  `EC2 asks us to slow down: refused ${refused === 1 ? 'once' : `${refused} times`} so far; it is asked again by itself.`;

/** Those of one key may share a call. */
export const keyOf = ({ action, account, region, force, skipOsShutdown, hibernate }: Action): string =>
  [action, account, region, force, skipOsShutdown, hibernate].join();

/**
 * What comes back to a bucket of EC2 each second: launches a call each, of the others instances once the 1,000 that it
 * holds are used ("Request throttling for the Amazon EC2 API").
 */
const REFILL = { launch: 2, start: 2, stop: 20, terminate: 20 } as const;

/** What was refused may be too large for what is left in the bucket, so it goes on in pieces of this many. */
const PIECE = 100;

/** SQS delays no message longer. */
const LONGEST_SECONDS = 900;

const BACKOFF_SECONDS = 30;

/**
 * Seconds after which each of these actions, which share a key, is to be asked again: one pause for all, by the times they were
 * refused and with full jitter, so that they stay in company; behind it no faster than the bucket fills.
 */
export const delaysOf = (actions: readonly Action[], random = Math.random): number[] => {
  const refused = Math.max(...actions.map((each) => each.refused));
  const pause = 1 + random() * Math.min(BACKOFF_SECONDS, 2 ** refused);
  return actions.map(({ action }, position) => {
    const piece = action === 'launch' ? 1 : PIECE;
    const ahead = Math.floor(position / piece) * piece;
    return Math.min(LONGEST_SECONDS, Math.floor(pause + ahead / REFILL[action]));
  });
};
