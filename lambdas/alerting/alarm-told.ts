import type { SNSEvent, SNSMessage } from 'aws-lambda';
import { handOut } from './hand-out.ts';
import type { Notice } from './notice.ts';

/** The name of the alarm, by which its going off and its end stay in order. */
const alarmOf = (message: string): string | undefined => {
  try {
    // What CloudWatch publishes is an object with a name; anything else has none.
    const { AlarmName } = JSON.parse(message) as { readonly AlarmName?: unknown };
    return typeof AlarmName === 'string' ? AlarmName : undefined;
  } catch {
    return undefined;
  }
};

const noticeOf = ({ Message, Subject, MessageId }: SNSMessage): Notice => ({
  id: MessageId,
  about: alarmOf(Message) ?? Subject ?? 'alarm',
  severity: 'warning',
  title: Subject ?? 'NovaCron',
  facts: [['Message', Message.slice(0, 1_500)]],
  advice: ['See the runbook.'],
  links: [{ label: 'Runbook', url: 'https://novacron.dev/runbook' }],
});

/** By the mark of channels/topic.ts: it has its own way. A filter of the subscription cannot say so, as an alarm has no attributes at all. */
const isNotice = ({ MessageAttributes }: SNSMessage): boolean => MessageAttributes?.kind?.Value === 'notice';

/** What others publish to the alert topic, CloudWatch's alarms among it, on its way to the channels that do not hear the topic. */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) if (!isNotice(Sns)) await handOut(noticeOf(Sns));
};
