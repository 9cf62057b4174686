import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import type { FeedDays } from '../domain/ical.ts';

/** The thread's own file, which lies beside the function's (lib/bundles.ts). */
const THREAD = createRequire(import.meta.filename).resolve('#feed-thread');

const Answer = z.union([
  z.object({ read: z.object({ days: z.array(z.string()), events: z.number(), ignored: z.number() }) }),
  z.object({ refused: z.string() }),
]);

/** Ten thousand events take half a second on a whole processor, and a function has a part of one; memory for fifty times the longest text. */
const READ_MS = 12_000;
const MEMORY_MIB = 256;

const unusable = (detail: string): Fault =>
  new Fault('FeedUnusable', `The feed cannot be read: ${detail}.`, { errors: [{ pointer: '/feed', detail }] });

/** Which days a feed closes, read in a thread that ends in time whatever the text is. @throws FeedUnusable, saying why */
export const readFeed = async (
  text: string,
  window: readonly [string, string],
  within = READ_MS,
): Promise<FeedDays> => {
  const thread = new Worker(THREAD, {
    workerData: { text, window },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  const slow = Promise.withResolvers<never>();
  const timer = setTimeout(() => slow.reject(unusable(`it takes longer than ${within / 1000} s to read`)), within);
  const told = new Promise<unknown>((resolve, reject) => {
    thread.once('message', resolve).once('error', () => reject(unusable('it takes more memory than a calendar does')));
  });
  try {
    const answer = Answer.parse(await Promise.race([told, slow.promise]));
    if ('refused' in answer) throw unusable(answer.refused);
    return answer.read;
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
};
