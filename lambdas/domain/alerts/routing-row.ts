import type { InhibitRule, RouteConfig } from './config-route.ts';
import type { TimeInterval } from './time-intervals.ts';

/** How a request says who sends it. Here and below, what is named `…File` is a parameter that holds a secret (receiver-secrets.ts). */
export type Authorization =
  | { readonly type: string; readonly credentialsFile: string }
  | { readonly username: string; readonly passwordFile: string };

/** Where requests go. */
export type Address = { readonly url: string } | { readonly urlFile: string };

interface Way {
  readonly sendResolved: boolean;
  readonly authorization?: Authorization;
}

export type WebhookSpec = Way &
  Address & { readonly kind: 'webhook'; readonly maxAlerts: number; readonly signingSecretFile?: string };

/** What a person wrote of an event in place of Alertmanager's own words. */
export interface PagerdutyTexts {
  readonly texts: Readonly<
    Partial<
      Record<'client' | 'client_url' | 'description' | 'source' | 'severity' | 'class' | 'component' | 'group', string>
    >
  >;
  readonly details: Readonly<Record<string, string>>;
}

export type PagerdutySpec = Way &
  PagerdutyTexts & {
    readonly kind: 'pagerduty';
    readonly url: string;
    readonly routingKeyFile: string;
  };

/** Whom an alert of OpsGenie is for. */
export type Responder = Readonly<Partial<Record<'id' | 'name' | 'username' | 'type', string>>>;

/** What a person wrote of an alert in place of Alertmanager's own words. */
export interface OpsgenieTexts {
  readonly texts: Readonly<
    Partial<Record<'message' | 'description' | 'source' | 'entity' | 'actions' | 'tags' | 'note' | 'priority', string>>
  >;
  readonly details: Readonly<Record<string, string>>;
  readonly responders: readonly Responder[];
}

export type OpsgenieSpec = Way & OpsgenieTexts & { readonly kind: 'opsgenie'; readonly url: string };

/** A Slack webhook of the receiver's own. */
export type SlackSpec = Way & { readonly kind: 'slack'; readonly urlFile: string };

/** The installation's own alert topic, or its Slack webhook: through the queues of these channels. */
export interface ChannelSpec {
  readonly kind: 'topic' | 'slack';
  readonly sendResolved: boolean;
}

/** How one receiver is reached by a request. */
export type RequestSpec = WebhookSpec | SlackSpec | PagerdutySpec | OpsgenieSpec;

/** How one receiver is reached, as far as it can be from here. */
export type IntegrationSpec = RequestSpec | ChannelSpec;

export const isChannel = (spec: IntegrationSpec): spec is ChannelSpec =>
  spec.kind === 'topic' || (spec.kind === 'slack' && !('urlFile' in spec));

export interface ReceiverSpec {
  readonly name: string;
  readonly integrations: readonly IntegrationSpec[];
}

/** What of a configuration is gone by when alerts come in and are told of. */
export interface RoutingConfig {
  readonly resolveTimeoutMs: number;
  readonly route: RouteConfig;
  readonly receivers: readonly ReceiverSpec[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: Readonly<Record<string, readonly TimeInterval[]>>;
}

/** One way to reach a receiver that a configuration names and that leads nowhere from here. */
export interface Undelivered {
  readonly receiver: string;
  /** Which it is, as the file has it: `slack_configs[0]`. */
  readonly place: string;
  readonly why: string;
}

/** The row of a project's routing: what a person wrote, and what it comes to. */
export interface RoutingRow {
  readonly project: string;
  readonly yaml: string;
  readonly config: RoutingConfig;
  readonly undelivered: readonly Undelivered[];
  readonly by: string;
  readonly at: string;
  readonly version: number;
}
