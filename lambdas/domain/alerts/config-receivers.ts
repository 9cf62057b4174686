import type * as z from 'zod';
import {
  EmailConfig,
  EventbridgeConfig,
  http,
  SlackConfig,
  SnsConfig,
  tellsFiring,
  tellsResolved,
  WebhookConfig,
} from './config-channels.ts';
import {
  atMostOne,
  bool,
  fields,
  fieldsOrNone,
  goDuration,
  integer,
  list,
  needs,
  optionalTexts,
  secretUrl,
  text,
  texts,
  url,
} from './config-fields.ts';
import { isAuthorized } from './config-http.ts';
import { rateLimited } from './config-rate-limit.ts';

/**
 * The receivers of Alertmanager 0.25, all kinds, field by field. A text that is absent is its default template's; what else is
 * absent is what Alertmanager takes.
 */
const Image = fieldsOrNone(optionalTexts('src', 'alt', 'href'));
const Link = fieldsOrNone(optionalTexts('href', 'text'));

const PagerdutyConfig = fields({
  ...tellsResolved,
  ...http,
  url: url.optional(),
  ...optionalTexts('service_key', 'service_key_file', 'routing_key', 'routing_key_file', 'client', 'client_url'),
  ...optionalTexts('description', 'source', 'severity', 'class', 'component', 'group'),
  details: texts,
  images: list(Image),
  links: list(Link),
})
  .refine(
    (key) => Boolean(key.routing_key || key.service_key || key.routing_key_file || key.service_key_file),
    'missing service or routing key in PagerDuty config',
  )
  .superRefine(atMostOne('routing_key', 'routing_key_file'))
  .superRefine(atMostOne('service_key', 'service_key_file'));

const Responder = fields(optionalTexts('id', 'name', 'username', 'type'))
  .refine(
    ({ id, name, username }) => Boolean(id || name || username),
    'opsGenieConfig responder has to have at least one of id, username or name specified',
  )
  .refine(
    ({ type = '' }) => type.includes('{{') || /^(team|teams|user|escalation|schedule)$/i.test(type),
    'opsGenieConfig responder type does not match valid options team, teams, user, escalation, schedule',
  );

const OpsgenieConfig = fields({
  ...tellsResolved,
  ...http,
  api_url: url.optional(),
  ...optionalTexts('api_key', 'api_key_file', 'message', 'description', 'source', 'entity', 'actions', 'tags'),
  ...optionalTexts('note', 'priority'),
  details: texts,
  responders: list(Responder),
  update_alerts: bool.default(false),
}).superRefine(atMostOne('api_key', 'api_key_file'));

const WechatConfig = fields({
  ...tellsFiring,
  ...http,
  api_url: url.optional(),
  ...optionalTexts('api_secret', 'corp_id', 'message', 'to_user', 'to_party', 'to_tag', 'agent_id', 'message_type'),
}).refine(
  ({ message_type }) => ['text', 'markdown'].includes(message_type || 'text'),
  'weChat message type does not match valid options text, markdown',
);

const PushoverConfig = fields({
  ...tellsResolved,
  ...http,
  ...optionalTexts('user_key', 'token', 'title', 'message', 'url', 'url_title', 'sound', 'priority'),
  retry: goDuration.optional(),
  expire: goDuration.optional(),
  html: bool.default(false),
}).superRefine(needs(['user_key', 'token'], 'Pushover config'));

const RESERVED = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
];

const VictoropsConfig = fields({
  ...tellsResolved,
  ...http,
  api_url: url.optional(),
  ...optionalTexts('api_key', 'api_key_file', 'routing_key', 'message_type', 'state_message', 'entity_display_name'),
  ...optionalTexts('monitoring_tool'),
  custom_fields: texts,
})
  .superRefine(needs(['routing_key'], 'VictorOps config'))
  .superRefine(atMostOne('api_key', 'api_key_file'))
  .refine(
    ({ custom_fields }) => !RESERVED.some((name) => Object.hasOwn(custom_fields, name)),
    `victorOps config contains a custom field that conflicts with the fixed fields ${RESERVED.join(', ')}`,
  );

const TelegramConfig = fields({
  ...tellsResolved,
  ...http,
  api_url: url.optional(),
  ...optionalTexts('bot_token', 'message'),
  chat_id: integer.default(0),
  disable_notifications: bool.default(false),
  parse_mode: text.default('HTML'),
})
  .superRefine(needs(['bot_token', 'chat_id'], 'telegram_config'))
  .refine(
    ({ parse_mode }) => ['', 'Markdown', 'MarkdownV2', 'HTML'].includes(parse_mode),
    'unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string',
  );

const DiscordConfig = fields({
  ...tellsResolved,
  ...http,
  webhook_url: secretUrl.optional(),
  ...optionalTexts('title', 'message'),
}).superRefine(needs(['webhook_url'], 'discord config'));

const WebexConfig = fields({
  ...tellsResolved,
  ...http,
  api_url: url.optional(),
  ...optionalTexts('message', 'room_id'),
})
  .superRefine(needs(['room_id'], 'webex_config'))
  .refine(
    ({ http_config }) => http_config !== undefined && isAuthorized(http_config),
    'missing webex_configs.http_config.authorization',
  );

export const Receiver = fields({
  name: text.default(''),
  ...rateLimited,
  webhook_configs: list(WebhookConfig),
  slack_configs: list(SlackConfig),
  email_configs: list(EmailConfig),
  sns_configs: list(SnsConfig),
  eventbridge_configs: list(EventbridgeConfig),
  pagerduty_configs: list(PagerdutyConfig),
  opsgenie_configs: list(OpsgenieConfig),
  wechat_configs: list(WechatConfig),
  pushover_configs: list(PushoverConfig),
  victorops_configs: list(VictoropsConfig),
  telegram_configs: list(TelegramConfig),
  discord_configs: list(DiscordConfig),
  webex_configs: list(WebexConfig),
}).superRefine(needs(['name'], 'receiver'));
export type Receiver = z.infer<typeof Receiver>;
