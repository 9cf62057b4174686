import { emailWay, eventbridgeWay, type Means, snsWay } from './aws-ways.ts';
import type { Config } from './config.ts';
import type { Channels } from './default-routing.ts';
import type { RateLimit } from './rate-limit.ts';
import type { IntegrationSpec, ReceiverSpec, RoutingConfig, Undelivered } from './routing-row.ts';
import { Nowhere, opsgenieWay, pagerdutyWay, slackWay, webhookWay } from './ways.ts';

type Receiver = Config['receivers'][number];
type Judged = IntegrationSpec | string;

/** The installation's own topic has a queue; another is published to as it is told of. */
const topicOf =
  ({ topicArn }: Channels, means: Means) =>
  (config: Receiver['sns_configs'][number]): Judged =>
    config.topic_arn === topicArn ? { kind: 'topic', sendResolved: config.send_resolved } : snsWay(means)(config);

/** The installation's own webhook has a queue; another is posted to as webhooks are. */
const slackOf =
  ({ slackParameter }: Channels, secrets: string) =>
  (config: Receiver['slack_configs'][number]): Judged =>
    slackParameter !== undefined && config.api_url_file === slackParameter
      ? { kind: 'slack', sendResolved: config.send_resolved }
      : slackWay(secrets)(config);

const none = (): Judged => 'NovaCron cannot reach receivers of this kind yet';

/** What comes of a way, or why it leads nowhere. */
const saidOf = (judge: () => Judged): Judged => {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Nowhere) return error.message;
    throw error;
  }
};

/** The same with what it takes in a time: its own limit, or the receiver's. */
const limited = (way: Judged, limit: RateLimit | undefined): Judged =>
  typeof way === 'string' || limit === undefined || limit.notifications === 0 ? way : { ...way, rateLimit: limit };

/** What there is to reach receivers by, for one project. */
export interface Reach {
  readonly channels: Channels;
  readonly means: Means;
  /** The prefix of the project's secrets. */
  readonly secrets: string;
}

/** Each way of a receiver by its place in the file, and what comes of it. */
const judged = (receiver: Receiver, { channels, means, secrets }: Reach): [string, Judged][] => {
  const judges: Readonly<Record<string, (config: never) => Judged>> = {
    webhook_configs: webhookWay(secrets),
    email_configs: emailWay(means),
    sns_configs: topicOf(channels, means),
    eventbridge_configs: eventbridgeWay(means),
    slack_configs: slackOf(channels, secrets),
    pagerduty_configs: pagerdutyWay(secrets),
    opsgenie_configs: opsgenieWay(secrets),
  };
  return Object.entries(receiver).flatMap(([key, configs]) =>
    Array.isArray(configs)
      ? configs.map((config, index): [string, Judged] => [
          `${key}[${index}]`,
          limited(
            saidOf(() => (judges[key] ?? none)(config as never)),
            config.rate_limit ?? receiver.rate_limit,
          ),
        ])
      : [],
  );
};

/** What a configuration comes to. */
export interface Deliverable {
  readonly config: RoutingConfig;
  readonly undelivered: readonly Undelivered[];
}

/** What of a configuration is gone by, and which of its ways to receivers lead nowhere, and why. */
export const deliverable = (config: Config, reach: Reach): Deliverable => {
  const receivers = config.receivers.map((receiver) => ({
    name: receiver.name,
    ways: judged(receiver, reach),
  }));
  return {
    config: {
      ...(Object.keys(config.template_files).length > 0 ? { templates: config.template_files } : {}),
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
