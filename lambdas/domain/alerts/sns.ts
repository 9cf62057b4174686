import { cut, firingOf, resolvedOf, snsMessage, subject } from './default-texts.ts';
import type { Told } from './notify.ts';
import { groupHash } from './pagerduty.ts';
import type { SmsSpec, SnsSpec } from './routing-row.ts';
import { smsText } from './sms.ts';

/** What SNS is asked for groups of alerts: its action Publish, field by field ("Publish", Amazon SNS API reference). */

/** Of a message, in bytes. */
const LARGEST = 256 * 1024;
/** Of a subject: 100 characters of ASCII in one line. */
const LONGEST_SUBJECT = 100;

/** A line of ASCII, as mails of SNS have for a subject. */
export const snsSubject = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LONGEST_SUBJECT);

/** Whole characters of a text, as far as so many bytes hold them. */
const cutBytes = (text: string, most: number): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return new TextDecoder().decode(bytes.subarray(0, most)).replace(/\uFFFD+$/, '');
};

const attributesOf = (attributes: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(attributes).flatMap(([name, value], index): [string, string][] => {
    const entry = `MessageAttributes.entry.${index + 1}`;
    return [
      [`${entry}.Name`, name],
      [`${entry}.Value.DataType`, 'String'],
      [`${entry}.Value.StringValue`, value],
    ];
  });

const published = (fields: readonly (readonly [string, string])[]): string =>
  new URLSearchParams([
    ['Action', 'Publish'],
    ['Version', '2010-03-31'],
    ...fields.map(([...field]) => field),
  ]).toString();

/** Of a topic that keeps an order: one a group, and each word once, by its id. */
const ordered = (topicArn: string, told: Told, messageId: string): [string, string][] =>
  topicArn.endsWith('.fifo')
    ? [
        ['MessageGroupId', groupHash(told)],
        ['MessageDeduplicationId', messageId],
      ]
    : [];

/** What SNS is sent for a topic, as Alertmanager sends it, cut to what SNS takes. `messageId` gives the id of a message by its text. */
export const topicBody = (
  told: Told,
  { topicArn, texts, attributes }: SnsSpec,
  messageId: (text: string) => string,
) => {
  const whole = texts.message ?? snsMessage(told);
  const message = cutBytes(whole, LARGEST);
  const said = snsSubject(texts.subject ?? subject(told));
  const isCut = message.length < whole.length;
  return published([
    ['TopicArn', topicArn],
    ['Message', message],
    ...(said.trim() === '' ? [] : [['Subject', said] as const]),
    ...attributesOf({ ...attributes, ...(isCut ? { truncated: 'true' } : {}) }),
    ...ordered(topicArn, told, messageId(message)),
  ]);
};

/** What an alert says of itself, in short. */
const summaries = (told: Told): string =>
  [...new Set([...firingOf(told), ...resolvedOf(told)].map(({ annotations }) => annotations.summary ?? ''))]
    .filter((text) => text !== '')
    .join('; ');

/** A text message has no subject: where nobody wrote another it is what a mail's would be, and what alerts say in short. */
const shortText = (told: Told): string =>
  [subject(told).trim(), summaries(told)].filter((text) => text !== '').join('\n');

/** What SNS is sent for a telephone. */
export const smsBody = (told: Told, { phoneNumber, texts, attributes }: SmsSpec): string =>
  published([
    ['PhoneNumber', phoneNumber],
    ['Message', smsText(cut(texts.message ?? shortText(told), 2_000))],
    ...attributesOf(attributes),
  ]);
