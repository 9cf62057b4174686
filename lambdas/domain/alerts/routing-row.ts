import type { ChannelName } from './channel-state.ts';
import type { InhibitRule, RouteConfig } from './config-route.ts';
import type { MailAddress } from './mail-addresses.ts';
import type { RateLimit } from './rate-limit.ts';
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

/** What a person wrote of an event in place of Alertmanager's own words. Here and below, texts are templates. */
export interface PagerdutyTexts {
  readonly texts: Readonly<
    Partial<
      Record<'client' | 'client_url' | 'description' | 'source' | 'severity' | 'class' | 'component' | 'group', string>
    >
  >;
  readonly details: Readonly<Record<string, string>>;
  readonly images?: readonly Readonly<Partial<Record<'src' | 'alt' | 'href', string>>>[];
  readonly links?: readonly Readonly<Partial<Record<'href' | 'text', string>>>[];
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

export type SlackField = Readonly<Partial<Record<'title' | 'value', string>>> & { readonly short?: boolean };

export type SlackAction = Readonly<Partial<Record<'type' | 'text' | 'url' | 'style' | 'name' | 'value', string>>> & {
  readonly confirm?: Readonly<Partial<Record<'text' | 'title' | 'ok_text' | 'dismiss_text', string>>>;
};

/** What a person wrote of a message of Slack, which is then told as Alertmanager tells it. */
export interface SlackTexts {
  readonly texts: Readonly<Partial<Record<SlackText, string>>>;
  readonly fields: readonly SlackField[];
  readonly actions: readonly SlackAction[];
  readonly shortFields: boolean;
  readonly linkNames: boolean;
  readonly mrkdwnIn: readonly string[];
}

type SlackText =
  | ('channel' | 'username' | 'icon_emoji' | 'icon_url')
  | ('title' | 'title_link' | 'pretext' | 'text' | 'fallback' | 'callback_id')
  | ('color' | 'footer' | 'image_url' | 'thumb_url');

/** A Slack webhook of the receiver's own. */
export type SlackSpec = Way & { readonly kind: 'slack'; readonly urlFile: string; readonly message?: SlackTexts };

/** What a person wrote of a mail in place of the words that go without saying. */
export type MailTexts = Readonly<Partial<Record<'subject' | 'html' | 'text', string>>>;

/** Mails by SES, from the installation's own address. */
export interface EmailSpec {
  readonly kind: 'email';
  readonly sendResolved: boolean;
  readonly to: readonly MailAddress[];
  /** Beside those that each mail has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly texts: MailTexts;
}

/** What a person wrote of a message of SNS in place of the words that go without saying. */
interface SnsTexts {
  readonly texts: Readonly<Partial<Record<'subject' | 'message', string>>>;
  /** Of the message, texts all of them. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A topic that the installation may publish to. */
export interface SnsSpec extends SnsTexts {
  readonly kind: 'sns';
  readonly sendResolved: boolean;
  readonly topicArn: string;
}

/** A telephone, by SNS. */
export interface SmsSpec extends SnsTexts {
  readonly kind: 'sms';
  readonly sendResolved: boolean;
  readonly phoneNumber: string;
}

/** A bus of EventBridge that the installation may put events on. */
export interface BusSpec {
  readonly kind: 'eventbridge';
  readonly sendResolved: boolean;
  readonly busName: string;
}

/** A channel of Slack, told by a bot: `url` is that of `chat.postMessage`. */
export type SlackBotSpec = Way & {
  readonly kind: 'slack-bot';
  readonly url: string;
  readonly channel: string;
  /** What Slack signs presses of its buttons by; without it there are none. */
  readonly signingSecretFile?: string;
};

/** The installation's own alert topic, or its Slack webhook: through the queues of these channels. */
export interface ChannelSpec {
  readonly kind: ChannelName;
  readonly sendResolved: boolean;
}

/** How one receiver is reached by a request. */
export type RequestSpec = WebhookSpec | SlackSpec | PagerdutySpec | OpsgenieSpec;

/** How one receiver is reached by a service of AWS, as the plane itself. */
export type AwsSpec = EmailSpec | SnsSpec | SmsSpec | BusSpec;

/** How one receiver is reached directly. */
export type DirectSpec = RequestSpec | SlackBotSpec | AwsSpec;

/** How one receiver is reached, as far as it can be from here. */
export type IntegrationSpec = (DirectSpec | ChannelSpec) & {
  /** What it takes in a time; all, where it is left out. */
  readonly rateLimit?: RateLimit;
};

export const isChannel = (spec: IntegrationSpec): spec is ChannelSpec =>
  spec.kind === 'topic' || (spec.kind === 'slack' && !('urlFile' in spec));

const AWS_KINDS: ReadonlySet<string> = new Set<AwsSpec['kind']>(['email', 'sns', 'sms', 'eventbridge']);

export const isAws = (spec: DirectSpec): spec is AwsSpec => AWS_KINDS.has(spec.kind);

export interface ReceiverSpec {
  readonly name: string;
  readonly integrations: readonly IntegrationSpec[];
}

/** What of a configuration is gone by when alerts come in and are told of. */
export interface RoutingConfig {
  /** Files of templates that texts of receivers may name, by their names. */
  readonly templates?: Readonly<Record<string, string>>;
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
