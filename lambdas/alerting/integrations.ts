import { createHash } from 'node:crypto';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { wayKey } from '../domain/alerts/channel-health.ts';
import type { Told } from '../domain/alerts/default-texts.ts';
import { webhookPayload } from '../domain/alerts/notify.ts';
import { opsgenieRequest } from '../domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../domain/alerts/pagerduty.ts';
import {
  isChannel,
  type OpsgenieSpec,
  type PagerdutySpec,
  type RequestSpec,
  type SlackSpec,
  type WebhookSpec,
} from '../domain/alerts/routing-row.ts';
import { env, text } from '../runtime/env.ts';
import { slackMessage } from './channels/slack-message.ts';
import { handOut } from './hand-out.ts';
import { noticeOfGroup } from './notice-of-group.ts';
import { authorizing, type Request, type Secret, signing, tellBy, urlOf } from './receivers/request.ts';
import type { Routing } from './routing.ts';

const { API_URL: externalURL } = env({ API_URL: text });

/** One way in which a receiver hears of groups. */
export interface Integration {
  /** What it is remembered by in a group's row. */
  readonly key: string;
  /** Whether it hears of what is over. */
  readonly sendResolved: boolean;
  /** Tells it of these alerts of a group, in order. @throws where it did not take them */
  readonly tell: (group: AlertGroup, alerts: readonly AlertRow[], now: number) => Promise<void>;
}

/** What one receiver is told of a group. */
interface Word {
  readonly key: string;
  readonly group: AlertGroup;
  readonly alerts: readonly AlertRow[];
  readonly at: number;
}

type Making<S> = (spec: S, word: Word, secret: Secret) => Promise<Request>;

const toldOf = ({ group, alerts, at }: Word): Told => {
  const { receiver, groupKey, labels: groupLabels } = group;
  return { receiver, groupKey, groupLabels, alerts, at, externalURL };
};

/** The same at each try of the same word, and another at each repeat of it. */
const messageIdOf = ({ key, group }: Word, body: string): string => {
  const said = [group.id, key, group.told[key]?.at ?? '', body].join('\n');
  return `msg_${createHash('sha256').update(said).digest('hex').slice(0, 32)}`;
};

const webhook: Making<WebhookSpec> = async (spec, word, secret) => {
  const body = webhookPayload({ ...toldOf(word), maxAlerts: spec.maxAlerts });
  const signed = { id: messageIdOf(word, body), at: word.at, body };
  const [url, authorization, signature] = await Promise.all([
    urlOf(spec, secret),
    authorizing(spec.authorization, secret),
    signing(spec.signingSecretFile, signed, secret),
  ]);
  return { url, body, headers: { ...authorization, ...signature } };
};

const slack: Making<SlackSpec> = async (spec, { group, alerts, at }, secret) => ({
  url: await urlOf(spec, secret),
  body: JSON.stringify(slackMessage(noticeOfGroup(group, alerts, at))),
  headers: await authorizing(spec.authorization, secret),
});

const pagerduty: Making<PagerdutySpec> = async (spec, word, secret) => ({
  url: spec.url,
  body: pagerdutyEvent(toldOf(word), spec, await secret(spec.routingKeyFile)),
  headers: await authorizing(spec.authorization, secret),
});

const opsgenie: Making<OpsgenieSpec> = async (spec, word, secret) => {
  const { path, body } = opsgenieRequest(toldOf(word), spec);
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

/** All ways in which a receiver of a routing hears of groups; none where it has none, or is none. */
export const integrationsOf = ({ config }: Routing, receiver: string): Integration[] => {
  const specs = config.receivers.find(({ name }) => name === receiver)?.integrations ?? [];
  return specs.map((spec, index) => {
    const key = wayKey(receiver, spec.kind, index);
    return {
      key,
      sendResolved: spec.sendResolved,
      tell: (group, alerts, at) =>
        isChannel(spec)
          ? handOut(noticeOfGroup(group, alerts, at), [spec.kind])
          : tellBy((secret) => requestOf(spec, { key, group, alerts, at }, secret)),
    };
  });
};
