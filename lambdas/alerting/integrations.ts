import type { Alert } from '../domain/alerts/alert.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { wayKey } from '../domain/alerts/channel-health.ts';
import { webhookPayload } from '../domain/alerts/notify.ts';
import type { IntegrationSpec } from '../domain/alerts/routing-row.ts';
import { env, text } from '../runtime/env.ts';
import { handOut } from './hand-out.ts';
import { noticeOfGroup } from './notice-of-group.ts';
import { postWebhook } from './receivers/webhook.ts';
import type { Routing } from './routing.ts';

const { API_URL: externalURL } = env({ API_URL: text });

/** One way in which a receiver hears of groups. */
export interface Integration {
  /** What it is remembered by in a group's row. */
  readonly key: string;
  /** Whether it hears of what is over. */
  readonly sendResolved: boolean;
  /** Tells it of these alerts of a group, in order. @throws where it did not take them */
  readonly tell: (group: AlertGroup, alerts: readonly Alert[], now: number) => Promise<void>;
}

const tellerOf = (spec: IntegrationSpec): Integration['tell'] => {
  if (spec.kind !== 'webhook') return (group, alerts, now) => handOut(noticeOfGroup(group, alerts, now), [spec.kind]);
  const { url, maxAlerts } = spec;
  return (group, alerts, at) => {
    const { receiver, groupKey, labels: groupLabels } = group;
    return postWebhook(url, webhookPayload({ receiver, groupKey, groupLabels, alerts, at, externalURL, maxAlerts }));
  };
};

/** All ways in which a receiver of a routing hears of groups; none where it has none, or is none. */
export const integrationsOf = ({ config }: Routing, receiver: string): Integration[] => {
  const specs = config.receivers.find(({ name }) => name === receiver)?.integrations ?? [];
  return specs.map((spec, index) => ({
    key: wayKey(receiver, spec.kind, index),
    sendResolved: spec.sendResolved,
    tell: tellerOf(spec),
  }));
};
