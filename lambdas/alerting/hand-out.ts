import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { sqs } from '../runtime/clients.ts';
import { csv, env } from '../runtime/env.ts';
import type { Notice } from './notice.ts';

const { NOTICE_QUEUE_URLS } = env({ NOTICE_QUEUE_URLS: csv });

/** As SQS takes it: 128 characters, none of them a space ("SendMessage", Amazon SQS API reference). */
const keyOf = (text: string): string =>
  /^[\x21-\x7e]{1,128}$/.test(text) ? text : createHash('sha256').update(text).digest('hex');

/**
 * Puts a notice into the queue of each channel, from which it goes out once the channel takes it: in order with what else is
 * told of the same thing, and apart from the other channels. @throws where a queue did not take it; to hand it out again is harmless
 */
export const handOut = async (notice: Notice): Promise<void> => {
  await Promise.all(
    NOTICE_QUEUE_URLS.map((QueueUrl) =>
      sqs().send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: JSON.stringify(notice),
          MessageGroupId: keyOf(notice.about),
          MessageDeduplicationId: keyOf(notice.id),
        }),
      ),
    ),
  );
};
