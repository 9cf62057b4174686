import type { Config } from './config.ts';
import { type MailAddress, readAddresses } from './mail-addresses.ts';
import type { BusSpec, EmailSpec, SmsSpec, SnsSpec } from './routing-row.ts';
import { Nowhere, writtenOf } from './ways.ts';

/** How receivers are reached that hear by services of AWS: as the installation's settings allow. */

type Receiver = Config['receivers'][number];

/** What an installation may reach receivers by: its settings. */
export interface Means {
  /** Where mails come from: an address of an identity that SES has verified. */
  readonly mailFrom?: string | undefined;
  /** ARNs of topics that it may publish to, beside its own. */
  readonly topics: readonly string[];
  /** Whether it may send text messages. */
  readonly sms: boolean;
  /** Names of buses of its account and Region that it may put events on. */
  readonly buses: readonly string[];
}

const AFTERWARDS = 'and deploy, then set this routing again';

/** SES takes no more in one mail ("Service quotas in Amazon SES"). */
const MOST_RECIPIENTS = 50;

/** @throws Nowhere */
const recipientsOf = (to = ''): MailAddress[] => {
  if (to.includes('{{')) throw new Nowhere('to is to name addresses: it is not filled in from a template');
  try {
    const all = readAddresses(to);
    if (all.length > 0 && all.length <= MOST_RECIPIENTS) return all;
  } catch (error) {
    throw new Nowhere(`to is to name addresses: ${error instanceof Error ? error.message : error}`);
  }
  throw new Nowhere(`to is to name 1 to ${MOST_RECIPIENTS} addresses`);
};

/** What each mail says by itself, and who sends it: nobody else's to write. */
const OURS = new Set([
  ...['from', 'sender', 'return-path', 'bcc', 'message-id', 'date'],
  ...['mime-version', 'content-type', 'content-transfer-encoding', 'subject'],
]);

/** Of letters that headers have (RFC 5322, 2.2). */
const HEADER = /^[!-9;-~]{1,76}$/;

/** @throws Nowhere */
const headersOf = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const wrong = Object.keys(headers).find((name) => !HEADER.test(name));
  if (wrong !== undefined) throw new Nowhere(`${JSON.stringify(wrong)} is no name of a header`);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.has(name.toLowerCase())));
};

const NO_ADDRESS = `NovaCron has no address to send mail from: name one of an identity that SES has verified in the setting mailFrom ${AFTERWARDS}`;

/** @throws Nowhere */
export const emailWay =
  ({ mailFrom }: Means) =>
  ({ to, headers, send_resolved, ...config }: Receiver['email_configs'][number]): EmailSpec => {
    if (mailFrom === undefined) throw new Nowhere(NO_ADDRESS);
    const subject = Object.entries(headers).find(([name]) => name.toLowerCase() === 'subject')?.[1];
    return {
      kind: 'email',
      sendResolved: send_resolved,
      to: recipientsOf(to),
      headers: headersOf(headers),
      texts: writtenOf({ ...config, subject }, ['subject', 'html', 'text']),
    };
  };

type SnsConfig = Receiver['sns_configs'][number];

const snsTexts = ({ send_resolved, attributes, ...config }: SnsConfig) => ({
  sendResolved: send_resolved,
  texts: writtenOf(config, ['subject', 'message']),
  attributes,
});

/** Country and number (E.164). */
const TELEPHONE = /^\+[1-9]\d{6,14}$/;

/** @throws Nowhere */
const smsWay = ({ sms }: Means, config: SnsConfig, phoneNumber: string): SmsSpec => {
  if (!TELEPHONE.test(phoneNumber)) throw new Nowhere('phone_number is to be of the form +15550100123');
  if (!sms) throw new Nowhere(`text messages are off: switch the setting sms on ${AFTERWARDS}`);
  return { kind: 'sms', phoneNumber, ...snsTexts(config) };
};

/** @throws Nowhere */
const topicWay = ({ topics }: Means, config: SnsConfig, topicArn: string): SnsSpec => {
  if (topics.includes(topicArn)) return { kind: 'sns', topicArn, ...snsTexts(config) };
  throw new Nowhere(`NovaCron may not publish to ${topicArn}: name it in the setting snsTopics ${AFTERWARDS}`);
};

/** @throws Nowhere */
export const snsWay =
  (means: Means) =>
  (config: SnsConfig): SnsSpec | SmsSpec => {
    const { api_url, sigv4, topic_arn, phone_number } = config;
    if (api_url) throw new Nowhere('api_url is not gone by: topics are of AWS');
    if (sigv4?.access_key || sigv4?.profile || sigv4?.role_arn)
      throw new Nowhere(
        'of sigv4 only the region may be there, and that of the topic holds: NovaCron publishes as itself',
      );
    if (topic_arn) return topicWay(means, config, topic_arn);
    if (phone_number) return smsWay(means, config, phone_number);
    throw new Nowhere('target_arn is not gone by: topic_arn or phone_number');
  };

/** @throws Nowhere */
export const eventbridgeWay =
  ({ buses }: Means) =>
  ({ bus_name, send_resolved }: Receiver['eventbridge_configs'][number]): BusSpec => {
    if (buses.includes(bus_name)) return { kind: 'eventbridge', busName: bus_name, sendResolved: send_resolved };
    throw new Nowhere(`NovaCron may put no events on ${bus_name}: name it in the setting eventBuses ${AFTERWARDS}`);
  };
