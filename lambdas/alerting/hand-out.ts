import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { ChannelName } from '../domain/alerts/channel-state.ts';
import { sqs } from '../runtime/clients.ts';
import { env, json } from '../runtime/env.ts';
import type { Notice } from './notice.ts';

/** Channels by their names, each with the URL of its queue. */
const Queues = z.partialRecord(ChannelName, z.string());

const { NOTICE_QUEUES } = env({ NOTICE_QUEUES: json(Queues) });

const ALL = ChannelName.options.filter((name) => NOTICE_QUEUES[name]);

/** As SQS takes it: 128 characters, none of them a space ("SendMessage", Amazon SQS API reference). */
const keyOf = (text: string): string =>
  /^[\x21-\x7e]{1,128}$/.test(text) ? text : createHash('sha256').update(text).digest('hex');

/**
 * Puts a notice into the queues of these channels, or of all, from which it goes out once the channel takes it: in order with what else is
 * told of the same thing, and apart from the other channels. @throws where a queue did not take it; to hand it out again is harmless
 */
export const handOut = async (notice: Notice, to: readonly ChannelName[] = ALL): Promise<void> => {
  await Promise.all(
    to.map((name) =>
      sqs().send(
        new SendMessageCommand({
          QueueUrl: NOTICE_QUEUES[name],
          MessageBody: JSON.stringify(notice),
          MessageGroupId: keyOf(notice.about),
          MessageDeduplicationId: keyOf(notice.id),
        }),
      ),
    ),
  );
};
