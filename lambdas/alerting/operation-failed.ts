import { PublishCommand } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { sns } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { emailSubject, emailText } from './channels/email.ts';
import { FailedOperation, noticeOf } from './notice.ts';

const { ALERT_TOPIC_ARN: TopicArn } = env({ ALERT_TOPIC_ARN: text });

/** "Operation Failed" and "Operation Needs Attention" of bus `novacron`. */
const Told = z.object({ detail: FailedOperation });

/** Tells people of an operation that failed: one message, each kind of subscriber in its own form. */
export const handler = async (event: unknown): Promise<void> => {
  const notice = noticeOf(Told.parse(event).detail);
  const forms = { default: JSON.stringify(notice), email: emailText(notice) };
  await sns().send(
    new PublishCommand({
      TopicArn,
      MessageStructure: 'json',
      Subject: emailSubject(notice),
      Message: JSON.stringify(forms),
    }),
  );
};
