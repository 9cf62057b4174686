import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { ChannelName, Course } from '../domain/alerts/channel-state.ts';
import { layAside } from '../runtime/lay-aside.ts';
import { logger } from '../runtime/powertools.ts';
import { noteCourse } from '../store/channel-states.ts';
import { isTold, markTold } from '../store/told.ts';
import { Notice } from './notice.ts';

/** The channel will never take this notice, whenever it is asked, and why: words for everybody who hears of alerts. Anything else that is thrown may pass. */
export class Refused extends Error {}

/** The channel did not take it now, and why, in words for the same people. */
export class Away extends Error {}

/** Time that is left for the request under way and for what is written after it. */
const MARGIN_MS = 8_000;

/** Sends one notice; no request is to begin after `until` (ms since the epoch). @throws Refused, or Away or another where it did not get through now */
type Send = (notice: Notice, until: number) => Promise<void>;

const read = (body: string): Notice => {
  try {
    return Notice.parse(JSON.parse(body));
  } catch (error) {
    throw new Refused('It is no notice.', { cause: error });
  }
};

/** What was sent is not sent again, even where that cannot be written down: a repeat is then told by chance only. */
const mark = async (name: ChannelName, id: string): Promise<void> => {
  try {
    await markTold(name, id);
  } catch (error) {
    logger.error('a notice is out and not marked so', { error, channel: name, id });
  }
};

const deliver = async (name: ChannelName, send: Send, { body }: SQSRecord, until: number): Promise<Course> => {
  const notice = read(body);
  if (await isTold(name, notice.id)) return {};
  await send(notice, until);
  await mark(name, notice.id);
  return { isSent: true };
};

/** What may be said of anybody's error: its words may name what only the account is to know. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

const whyOf = (error: unknown): string =>
  error instanceof Refused || error instanceof Away ? error.message : nameOf(error);

/** Delivers one, or lays it aside where nobody will ever take it. */
const courseOf = async (name: ChannelName, send: Send, record: SQSRecord, until: number): Promise<Course> => {
  try {
    return await deliver(name, send, record, until).catch(async (error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      await layAside(`notice for ${name}`, record.body, error);
      return { refused: whyOf(error) };
    });
  } catch (error) {
    logger.warn('a notice waits', { error, channel: name });
    return { failing: whyOf(error) };
  }
};

/** For whoever asks how it goes with the channel; what goes out does not hang on it. */
const note = async (name: ChannelName, course: Course): Promise<void> => {
  try {
    await noteCourse(name, course, new Date().toISOString());
  } catch (error) {
    logger.warn('how it goes with a channel is not written down', { error, channel: name });
  }
};

/**
 * One channel's end of its queue. While the channel is away the queue keeps everything: the batch ends at the first notice that
 * does not get through, so that nothing overtakes it, and comes again after the queue's visibility time-out. Each notice goes
 * out once; only one whose answer was lost may come twice, with the same id.
 */
export const channel =
  (name: ChannelName, send: Send) =>
  async ({ Records }: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const until = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    let course: Course = {};
    let done = 0;
    for (const record of Records) {
      if (Date.now() > until) break;
      course = { ...course, ...(await courseOf(name, send, record, until)) };
      if (course.failing !== undefined) break;
      done += 1;
    }
    await note(name, course);
    return { batchItemFailures: Records.slice(done).map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
