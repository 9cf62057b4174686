import { NO_FLAPPING } from './flapping.ts';
import { USUAL_LIMIT } from './rate-limit.ts';
import type { IntegrationSpec, RoutingConfig } from './routing-row.ts';

/** The channels of an installation: its alert topic, and the parameter that holds its Slack webhook, where it has one. */
export interface Channels {
  readonly topicArn: string;
  readonly slackParameter?: string | undefined;
}

const RECEIVER = 'default';

const integrations = ({ slackParameter }: Channels): IntegrationSpec[] => [
  { kind: 'topic', sendResolved: true, rateLimit: USUAL_LIMIT },
  ...(slackParameter === undefined ? [] : [{ kind: 'slack', sendResolved: true, rateLimit: USUAL_LIMIT } as const]),
];

/** Nobody has asked for the exact words of Alertmanager: what comes and goes is told of once. */
const FLAPPING = { ...NO_FLAPPING, changes: 6 };

/** How alerts find their receivers while nobody has said so: by their names, to all channels. It is what `defaultYaml` says. */
export const defaultRouting = (channels: Channels): RoutingConfig => ({
  resolveTimeoutMs: 300_000,
  route: {
    receiver: RECEIVER,
    group_by: ['alertname'],
    matchers: [],
    continue: false,
    mute_time_intervals: [],
    active_time_intervals: [],
    flapping: FLAPPING,
    routes: [],
  },
  receivers: [{ name: RECEIVER, integrations: integrations(channels) }],
  inhibitRules: [],
  timeIntervals: {},
});

/** The same as Alertmanager's file. */
export const defaultYaml = ({ topicArn, slackParameter }: Channels): string =>
  [
    '# The routing that goes without saying: novacron route set <file> puts another in its place.',
    ...(slackParameter === undefined ? [] : ['global:', `  slack_api_url_file: ${slackParameter}`]),
    'route:',
    `  receiver: ${RECEIVER}`,
    '  group_by: [alertname]',
    // Not lines of their own, this and the limit: Alertmanager's programs read this file, and know no such fields.
    `  # flapping: { changes: ${FLAPPING.changes} }`,
    'receivers:',
    `  - name: ${RECEIVER}`,
    `    # rate_limit: { notifications: ${USUAL_LIMIT.notifications}, per: ${USUAL_LIMIT.perMs / 60_000}m }`,
    '    sns_configs:',
    `      - topic_arn: ${topicArn}`,
    ...(slackParameter === undefined ? [] : ['    slack_configs:', '      - send_resolved: true']),
    '',
  ].join('\n');
