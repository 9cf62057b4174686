import type { SmsSpec, SnsSpec } from '../../domain/alerts/routing-row.ts';
import { smsBody, topicBody } from '../../domain/alerts/sns.ts';
import type { AwsCall } from './aws.ts';
import { messageIdOf, toldOf, type Word } from './word.ts';

const publish = (body: string): AwsCall => ({
  service: 'sns',
  path: '/',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});

/** The Region of a topic is in its ARN. */
const regionOf = (arn: string): string => arn.split(':')[3] ?? '';

/** The call that publishes to a topic. */
export const topicCall = (spec: SnsSpec, word: Word): AwsCall => ({
  ...publish(topicBody(toldOf(word), spec, (text) => messageIdOf(word, text))),
  region: regionOf(spec.topicArn),
});

/** The call that sends a text message. */
export const smsCall = (spec: SmsSpec, word: Word): AwsCall => publish(smsBody(toldOf(word), spec));
