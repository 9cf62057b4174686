import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { layAside } from '../runtime/lay-aside.ts';
import { logger } from '../runtime/powertools.ts';
import { isTold, markTold } from '../store/told.ts';
import { Notice } from './notice.ts';

/** The channel will never take this notice, whenever it is asked. Anything else that is thrown may pass. */
export class Refused extends Error {}

/** Time that is left for the request under way and for what is written after it. */
const MARGIN_MS = 8_000;

/** Sends one notice; no request is to begin after `until` (ms since the epoch). @throws Refused, or why it did not get through now */
type Send = (notice: Notice, until: number) => Promise<void>;

const read = (body: string): Notice => {
  try {
    return Notice.parse(JSON.parse(body));
  } catch (error) {
    throw new Refused('It is no notice.', { cause: error });
  }
};

/** What was sent is not sent again, even where that cannot be written down: a repeat is then told by chance only. */
const mark = async (name: string, id: string): Promise<void> => {
  try {
    await markTold(name, id);
  } catch (error) {
    logger.error('a notice is out and not marked so', { error, channel: name, id });
  }
};

const deliver = async (name: string, send: Send, { body }: SQSRecord, until: number): Promise<void> => {
  const notice = read(body);
  if (await isTold(name, notice.id)) return;
  await send(notice, until);
  await mark(name, notice.id);
};

/** Delivers one, or lays it aside where nobody will ever take it. @returns whether it is done with */
const isDone = async (name: string, send: Send, record: SQSRecord, until: number): Promise<boolean> => {
  try {
    await deliver(name, send, record, until).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      return layAside(`notice for ${name}`, record.body, error);
    });
    return true;
  } catch (error) {
    logger.warn('a notice waits', { error, channel: name });
    return false;
  }
};

/**
 * One channel's end of its queue. While the channel is away the queue keeps everything: the batch ends at the first notice that
 * does not get through, so that nothing overtakes it, and comes again after the queue's visibility time-out. Each notice goes
 * out once; only one whose answer was lost may come twice, with the same id.
 */
export const channel =
  (name: string, send: Send) =>
  async ({ Records }: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const until = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    for (const [index, record] of Records.entries()) {
      if (Date.now() <= until && (await isDone(name, send, record, until))) continue;
      return { batchItemFailures: Records.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
    return { batchItemFailures: [] };
  };
