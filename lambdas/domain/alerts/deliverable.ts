import type { Config } from './config.ts';
import type { Channels } from './default-routing.ts';
import type { IntegrationSpec, ReceiverSpec, RoutingConfig, Undelivered } from './routing-row.ts';

type Receiver = Config['receivers'][number];
type Judged = IntegrationSpec | string;

const webhookOf = ({ url, max_alerts, send_resolved, http_config }: Receiver['webhook_configs'][number]): Judged => {
  if (http_config !== undefined) return 'an http_config of its own is not gone by yet';
  return { kind: 'webhook', sendResolved: send_resolved, url: url ?? '', maxAlerts: max_alerts };
};

const topicOf =
  ({ topicArn }: Channels) =>
  ({ topic_arn, send_resolved }: Receiver['sns_configs'][number]): Judged =>
    topic_arn === topicArn
      ? { kind: 'topic', sendResolved: send_resolved }
      : `NovaCron publishes to its own alert topic alone: ${topicArn}`;

const slackOf =
  ({ slackParameter }: Channels, { slack_api_url_file }: Config['global']) =>
  ({ api_url_file, send_resolved }: Receiver['slack_configs'][number]): Judged => {
    if (slackParameter === undefined) return 'the installation has no Slack webhook: its setting slackWebhookParameter';
    return (api_url_file || slack_api_url_file) === slackParameter
      ? { kind: 'slack', sendResolved: send_resolved }
      : `NovaCron posts by the webhook in its own parameter alone: api_url_file: ${slackParameter}`;
  };

const none = (): Judged => 'NovaCron cannot reach receivers of this kind yet';

/** Each way of a receiver by its place in the file, and what comes of it. */
const judged = (receiver: Receiver, global: Config['global'], channels: Channels): [string, Judged][] => {
  const judges: Readonly<Record<string, (config: never) => Judged>> = {
    webhook_configs: webhookOf,
    sns_configs: topicOf(channels),
    slack_configs: slackOf(channels, global),
  };
  return Object.entries(receiver).flatMap(([key, configs]) =>
    Array.isArray(configs)
      ? configs.map((config, index): [string, Judged] => [`${key}[${index}]`, (judges[key] ?? none)(config as never)])
      : [],
  );
};

/** What of a configuration is gone by, and which of its ways to receivers lead nowhere, and why. */
export const deliverable = (
  config: Config,
  channels: Channels,
): { readonly config: RoutingConfig; readonly undelivered: readonly Undelivered[] } => {
  const receivers = config.receivers.map((receiver) => ({
    name: receiver.name,
    ways: judged(receiver, config.global, channels),
  }));
  return {
    config: {
      resolveTimeoutMs: config.global.resolve_timeout,
      route: config.route,
      inhibitRules: config.inhibit_rules,
      timeIntervals: Object.fromEntries(
        [...config.time_intervals, ...config.mute_time_intervals].map(({ name, time_intervals }) => [
          name,
          time_intervals,
        ]),
      ),
      receivers: receivers.map(
        ({ name, ways }): ReceiverSpec => ({
          name,
          integrations: ways.flatMap(([, way]) => (typeof way === 'string' ? [] : [way])),
        }),
      ),
    },
    undelivered: receivers.flatMap(({ name, ways }) =>
      ways.flatMap(([place, way]) => (typeof way === 'string' ? [{ receiver: name, place, why: way }] : [])),
    ),
  };
};
