import * as z from 'zod';
import {
  atMostOne,
  bool,
  fields,
  hostPort,
  integer,
  list,
  maybe,
  needs,
  optionalTexts,
  secretUrl,
  text,
  texts,
  url,
} from './config-fields.ts';
import { HttpConfig, TlsConfig } from './config-http.ts';
import { rateLimited } from './config-rate-limit.ts';

/** Receivers, field by field: webhooks, Slack, e-mail, SNS and EventBridge. */

/** What receivers have that are reached by HTTP. */
export const http = { http_config: maybe(HttpConfig) };
export const tellsResolved = { ...rateLimited, send_resolved: bool.default(true) };
export const tellsFiring = { ...rateLimited, send_resolved: bool.default(false) };

export const WebhookConfig = fields({
  ...tellsResolved,
  ...http,
  url: url.optional(),
  /** Of Alertmanager 0.26: 0.25 has none. */
  url_file: text.optional(),
  /** Of NovaCron alone: what requests are signed by. */
  signing_secret_file: text.optional(),
  max_alerts: integer.pipe(z.number().min(0)).default(0),
})
  .refine(({ url: said, url_file }) => Boolean(said || url_file), 'missing url in webhook config')
  .superRefine(atMostOne('url', 'url_file'));

const Confirmation = fields(optionalTexts('text', 'title', 'ok_text', 'dismiss_text')).superRefine(
  needs(['text'], 'Slack confirmation configuration'),
);

const SlackAction = fields({
  ...optionalTexts('type', 'text', 'url', 'style', 'name', 'value'),
  confirm: maybe(Confirmation),
})
  .superRefine(needs(['type', 'text'], 'Slack action configuration'))
  .refine((action) => Boolean(action.url || action.name), 'missing name or url in Slack action configuration');

const SlackField = fields({ ...optionalTexts('title', 'value'), short: maybe(bool) }).superRefine(
  needs(['title', 'value'], 'Slack field configuration'),
);

export const SlackConfig = fields({
  ...tellsFiring,
  ...http,
  api_url: secretUrl.optional(),
  /** Of NovaCron alone: what Slack signs presses of buttons by. */
  signing_secret_file: text.optional(),
  ...optionalTexts('api_url_file', 'channel', 'username', 'color', 'title', 'title_link', 'pretext', 'text', 'footer'),
  ...optionalTexts('fallback', 'callback_id', 'icon_emoji', 'icon_url', 'image_url', 'thumb_url'),
  fields: list(SlackField),
  short_fields: bool.default(false),
  link_names: bool.default(false),
  mrkdwn_in: list(text),
  actions: list(SlackAction),
}).superRefine(atMostOne('api_url', 'api_url_file'));

/** Whether two names of headers are one: case is no matter where all is of letters that headers have. */
const headerName = (name: string): string => (/^[\w!#$%&'*+.^`|~-]+$/.test(name) ? name.toLowerCase() : name);

export const EmailConfig = fields({
  ...tellsFiring,
  ...optionalTexts('to', 'from', 'hello', 'auth_username', 'auth_password', 'auth_password_file', 'auth_secret'),
  ...optionalTexts('auth_identity', 'html', 'text'),
  smarthost: hostPort.optional(),
  headers: texts,
  require_tls: maybe(bool),
  tls_config: maybe(TlsConfig),
})
  .superRefine(needs(['to'], 'email config'))
  .refine(({ headers }) => {
    const names = Object.keys(headers).map(headerName);
    return new Set(names).size === names.length;
  }, 'duplicate header in email config');

const SigV4 = fields(optionalTexts('region', 'access_key', 'secret_key', 'profile', 'role_arn')).refine(
  ({ access_key, secret_key }) => Boolean(access_key) === Boolean(secret_key),
  'must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config',
);

export const SnsConfig = fields({
  ...tellsResolved,
  ...http,
  ...optionalTexts('api_url', 'topic_arn', 'phone_number', 'target_arn', 'subject', 'message'),
  sigv4: maybe(SigV4),
  attributes: texts,
}).refine(
  // One of them, or all three: how Alertmanager counts.
  ({ target_arn, topic_arn, phone_number }) => [target_arn, topic_arn, phone_number].filter(Boolean).length % 2 === 1,
  'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config',
);

/** Of NovaCron alone: a bus of EventBridge. */
export const EventbridgeConfig = fields({
  ...tellsResolved,
  bus_name: text.default(''),
}).superRefine(needs(['bus_name'], 'eventbridge config'));
