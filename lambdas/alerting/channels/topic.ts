import { PublishCommand } from '@aws-sdk/client-sns';
import { sns } from '../../runtime/clients.ts';
import { env, text } from '../../runtime/env.ts';
import { Away, channel, nameOf, Refused } from '../channel.ts';
import type { Notice } from '../notice.ts';
import { emailSubject, emailText } from './email.ts';

const { ALERT_TOPIC_ARN: TopicArn } = env({ ALERT_TOPIC_ARN: text });

/** The mark by which subscribers tell a notice from what else the topic carries (alarm-told.ts). */
const MessageAttributes = { kind: { DataType: 'String', StringValue: 'notice' } };

const REQUEST_MS = 5_000;

/** What SNS says of a message that it will never take, whoever sends it and whenever. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /^(Invalid|ParameterValueInvalid|Validation)/.test(error.name);

/** One message, each kind of subscriber in its own form. */
const publish = async (notice: Notice): Promise<void> => {
  const forms = { default: JSON.stringify(notice), email: emailText(notice) };
  try {
    await sns().send(
      new PublishCommand({
        TopicArn,
        MessageStructure: 'json',
        MessageAttributes,
        Subject: emailSubject(notice),
        Message: JSON.stringify(forms),
      }),
      { abortSignal: AbortSignal.timeout(REQUEST_MS) },
    );
  } catch (error) {
    if (isRefusal(error)) throw new Refused('SNS refused the notice.', { cause: error });
    throw new Away(`SNS did not take the notice: ${nameOf(error)}.`, { cause: error });
  }
};

/** Publishes notices to the alert topic: e-mail, and whoever subscribed. */
export const handler = channel('topic', publish);
