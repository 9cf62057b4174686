import type * as z from 'zod';
import { atMostOne, bool, duration, fields, hostPort, maybe, secretUrl, text, url } from './config-fields.ts';
import { HttpConfig } from './config-http.ts';
import type { Receiver } from './config-receivers.ts';

/** What all receivers have alike unless they say otherwise. */
export const Global = fields({
  resolve_timeout: duration.default(300_000).transform((ms) => ms ?? 0),
  http_config: maybe(HttpConfig),
  smtp_from: text.default(''),
  smtp_hello: text.default('localhost'),
  smtp_smarthost: hostPort.default(''),
  smtp_auth_username: text.default(''),
  smtp_auth_password: text.default(''),
  smtp_auth_password_file: text.default(''),
  smtp_auth_secret: text.default(''),
  smtp_auth_identity: text.default(''),
  smtp_require_tls: bool.default(true),
  slack_api_url: secretUrl.optional(),
  slack_api_url_file: text.default(''),
  pagerduty_url: url.default('https://events.pagerduty.com/v2/enqueue'),
  opsgenie_api_url: url.default('https://api.opsgenie.com/'),
  opsgenie_api_key: text.default(''),
  opsgenie_api_key_file: text.default(''),
  wechat_api_url: url.default('https://qyapi.weixin.qq.com/cgi-bin/'),
  wechat_api_secret: text.default(''),
  wechat_api_corp_id: text.default(''),
  victorops_api_url: url.default('https://alert.victorops.com/integrations/generic/20131114/alert/'),
  victorops_api_key: text.default(''),
  victorops_api_key_file: text.default(''),
  telegram_api_url: url.default('https://api.telegram.org'),
  webex_api_url: url.default('https://webexapis.com/v1/messages'),
})
  .superRefine(atMostOne('slack_api_url', 'slack_api_url_file'))
  .superRefine(atMostOne('opsgenie_api_key', 'opsgenie_api_key_file'))
  .superRefine(atMostOne('victorops_api_key', 'victorops_api_key_file'))
  .superRefine(atMostOne('smtp_auth_password', 'smtp_auth_password_file'));
export type Global = z.infer<typeof Global>;

type Email = Receiver['email_configs'][number];

const emailFilled = (email: Email, global: Global): Email => ({
  ...email,
  smarthost: email.smarthost || global.smtp_smarthost,
  from: email.from || global.smtp_from,
  hello: email.hello || global.smtp_hello,
  auth_username: email.auth_username || global.smtp_auth_username,
  ...(!email.auth_password &&
    !email.auth_password_file && {
      auth_password: global.smtp_auth_password,
      auth_password_file: global.smtp_auth_password_file,
    }),
  auth_secret: email.auth_secret || global.smtp_auth_secret,
  auth_identity: email.auth_identity || global.smtp_auth_identity,
  require_tls: email.require_tls ?? global.smtp_require_tls,
});

/** What is said over what is not, as far as that is known. */
const over = <T extends object>(said: T, unsaid: Partial<T>): T => ({
  ...unsaid,
  ...(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as T),
});

interface Keyed {
  readonly api_key?: string | undefined;
  readonly api_key_file?: string | undefined;
}

/** A key of its own, or the one of all. */
const keyOf = ({ api_key, api_key_file }: Keyed, all: Keyed): Keyed =>
  api_key || api_key_file ? { api_key, api_key_file } : all;

/** A receiver with what it leaves to the global part. */
export const filled = (receiver: Receiver, global: Global): Receiver => {
  const { http_config } = global;
  const opsgenieKey = { api_key: global.opsgenie_api_key, api_key_file: global.opsgenie_api_key_file };
  const victoropsKey = { api_key: global.victorops_api_key, api_key_file: global.victorops_api_key_file };
  const slackUrl = { api_url: global.slack_api_url, api_url_file: global.slack_api_url_file };
  return {
    ...receiver,
    email_configs: receiver.email_configs.map((email) => emailFilled(email, global)),
    webhook_configs: receiver.webhook_configs.map((each) => over(each, { http_config })),
    sns_configs: receiver.sns_configs.map((each) => over(each, { http_config })),
    pushover_configs: receiver.pushover_configs.map((each) => over(each, { http_config })),
    discord_configs: receiver.discord_configs.map((each) => over(each, { http_config })),
    slack_configs: receiver.slack_configs.map((each) => ({
      ...over(each, { http_config }),
      ...(!each.api_url && !each.api_url_file && slackUrl),
    })),
    pagerduty_configs: receiver.pagerduty_configs.map((each) => over(each, { http_config, url: global.pagerduty_url })),
    telegram_configs: receiver.telegram_configs.map((each) =>
      over(each, { http_config, api_url: global.telegram_api_url }),
    ),
    webex_configs: receiver.webex_configs.map((each) => over(each, { api_url: global.webex_api_url })),
    opsgenie_configs: receiver.opsgenie_configs.map((each) => ({
      ...over(each, { http_config, api_url: global.opsgenie_api_url }),
      ...keyOf(each, opsgenieKey),
    })),
    victorops_configs: receiver.victorops_configs.map((each) => ({
      ...over(each, { http_config, api_url: global.victorops_api_url }),
      ...keyOf(each, victoropsKey),
    })),
    wechat_configs: receiver.wechat_configs.map((each) => ({
      ...over(each, { http_config, api_url: global.wechat_api_url }),
      api_secret: each.api_secret || global.wechat_api_secret,
      corp_id: each.corp_id || global.wechat_api_corp_id,
    })),
  };
};

type Kind = Exclude<keyof Receiver, 'name' | 'rate_limit'>;

/** What a receiver cannot do without: one of these fields, its own or the global part's. */
const NEEDED: readonly (readonly [Kind, string, ...string[]])[] = [
  ['slack_configs', 'Slack API URL', 'api_url', 'api_url_file'],
  ['pagerduty_configs', 'PagerDuty URL', 'url'],
  ['opsgenie_configs', 'OpsGenie URL', 'api_url'],
  ['opsgenie_configs', 'OpsGenie API Key', 'api_key', 'api_key_file'],
  ['wechat_configs', 'Wechat URL', 'api_url'],
  ['wechat_configs', 'Wechat ApiSecret', 'api_secret'],
  ['wechat_configs', 'Wechat CorpID', 'corp_id'],
  ['victorops_configs', 'VictorOps URL', 'api_url'],
  ['victorops_configs', 'VictorOps API Key', 'api_key', 'api_key_file'],
  ['webex_configs', 'Webex URL', 'api_url'],
];

/** What a filled receiver still lacks, and where. */
export const lackedBy = (receiver: Receiver): { readonly path: readonly PropertyKey[]; readonly message: string }[] =>
  NEEDED.flatMap(([kind, what, ...names]) =>
    receiver[kind].flatMap((config: Readonly<Record<string, unknown>>, index) =>
      names.some((name) => config[name]) ? [] : [{ path: [kind, index], message: `no global ${what} set` }],
    ),
  );
