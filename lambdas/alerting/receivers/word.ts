import { createHash } from 'node:crypto';
import type { AlertGroup } from '../../domain/alerts/alert-group.ts';
import type { HeardAlert } from '../../domain/alerts/flapping.ts';
import { type Told, webhookPayload } from '../../domain/alerts/notify.ts';
import { opsgenieRequest } from '../../domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../../domain/alerts/pagerduty.ts';
import type {
  OpsgenieSpec,
  PagerdutySpec,
  RequestSpec,
  SlackSpec,
  WebhookSpec,
} from '../../domain/alerts/routing-row.ts';
import { slackAttachment } from '../../domain/alerts/slack.ts';
import type { SlackThread } from '../../domain/alerts/slack-bot.ts';
import { env, text } from '../../runtime/env.ts';
import { slackMessage } from '../channels/slack-message.ts';
import { noticeOfGroup } from '../notice-of-group.ts';
import { authorizing, type Request, type Secret, signing, tellBy, urlOf } from './request.ts';

const { API_URL: externalURL } = env({ API_URL: text });

/** What one receiver is told of a group. */
export interface Word {
  readonly key: string;
  readonly group: AlertGroup;
  readonly alerts: readonly HeardAlert[];
  readonly at: number;
  /** Where a person takes on what fires of it. */
  readonly ackUrl?: string | undefined;
  /** The message in Slack that shows what was told before, where the group has gone on since. */
  readonly thread?: SlackThread | undefined;
  /** Why some of its texts could not be filled in, which the receiver is told, too. */
  readonly wrong?: readonly string[];
}

type Making<S> = (spec: S, word: Word, secret: Secret) => Promise<Request>;

/** A word as texts know it. */
export const toldOf = ({ group, alerts, at }: Word): Told => {
  const { receiver, groupKey, labels: groupLabels } = group;
  return { receiver, groupKey, groupLabels, alerts, at, externalURL };
};

/** The same at each try of the same word, and another at each repeat of it. */
export const messageIdOf = ({ key, group }: Word, body: string): string => {
  const said = [group.id, key, group.told[key]?.at ?? '', body].join('\n');
  return `msg_${createHash('sha256').update(said).digest('hex').slice(0, 32)}`;
};

const webhook: Making<WebhookSpec> = async (spec, word, secret) => {
  const told = { ...toldOf(word), maxAlerts: spec.maxAlerts };
  const body = webhookPayload({ ...told, ackURL: word.ackUrl });
  // The link lasts a day from each try.
  const signed = () => ({ id: messageIdOf(word, webhookPayload(told)), at: word.at, body });
  const [url, authorization, signature] = await Promise.all([
    urlOf(spec, secret),
    authorizing(spec.authorization, secret),
    signing(spec.signingSecretFile, signed, secret),
  ]);
  return { url, body, headers: { ...authorization, ...signature } };
};

/** The same with what is wrong with its texts among its details. */
const withNote = <S extends { readonly details: Readonly<Record<string, string>> }>(
  spec: S,
  { wrong = [] }: Word,
): S => (wrong.length > 0 ? { ...spec, details: { ...spec.details, template_error: wrong.join('; ') } } : spec);

const slackBody = ({ message }: SlackSpec, word: Word): string => {
  const { group, alerts, at, ackUrl, wrong = [] } = word;
  if (message === undefined) return JSON.stringify(slackMessage(noticeOfGroup(group, alerts, at, ackUrl)));
  const notes = wrong.map((value) => ({ title: 'Template error', value }));
  const buttons = ackUrl ? [{ type: 'button', text: 'Acknowledge', url: ackUrl, style: 'primary' }] : [];
  const fields = [...message.fields, ...notes];
  return slackAttachment(toldOf(word), { ...message, fields, actions: [...message.actions, ...buttons] });
};

const slack: Making<SlackSpec> = async (spec, word, secret) => ({
  url: await urlOf(spec, secret),
  body: slackBody(spec, word),
  headers: await authorizing(spec.authorization, secret),
});

const pagerduty: Making<PagerdutySpec> = async (spec, word, secret) => ({
  url: spec.url,
  body: pagerdutyEvent(toldOf(word), withNote(spec, word), await secret(spec.routingKeyFile)),
  headers: await authorizing(spec.authorization, secret),
});

const opsgenie: Making<OpsgenieSpec> = async (spec, word, secret) => {
  const { path, body } = opsgenieRequest(toldOf(word), withNote(spec, word));
  return { url: spec.url.replace(/\/?$/, `/${path}`), body, headers: await authorizing(spec.authorization, secret) };
};

const requestOf = (spec: RequestSpec, word: Word, secret: Secret): Promise<Request> => {
  switch (spec.kind) {
    case 'webhook':
      return webhook(spec, word, secret);
    case 'pagerduty':
      return pagerduty(spec, word, secret);
    case 'opsgenie':
      return opsgenie(spec, word, secret);
    case 'slack':
      return slack(spec, word, secret);
  }
};

/** Tells a receiver its word by one request. @throws NotTold where it did not take it */
export const tellByRequest = (spec: RequestSpec, word: Word): Promise<void> =>
  tellBy((secret) => requestOf(spec, word, secret));
