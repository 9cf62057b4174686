import type { Config } from './config.ts';
import type { HttpConfig } from './config-http.ts';
import { isReceiverSecret } from './receiver-secrets.ts';
import type { Address, Authorization, IntegrationSpec, SlackTexts } from './routing-row.ts';
import { isBotUrl } from './slack-bot.ts';

/** How receivers that hear by HTTP are reached: what of their fields is gone by, each secret in a parameter. */

type Receiver = Config['receivers'][number];

/** Why a way to a receiver leads nowhere. */
export class Nowhere extends Error {}

/** A secret's parameter, as a field names it. @throws Nowhere */
export const fileOf = (
  secrets: string,
  field: string,
  secret: string | undefined,
  file: string | undefined,
): string => {
  if (secret) {
    const instead = `put it into a SecureString ${secrets}<name>, and name that as ${field}_file`;
    throw new Nowhere(`secrets are kept nowhere in a routing: take ${field} out of it, ${instead}`);
  }
  if (file && isReceiverSecret(secrets, file)) return file;
  throw new Nowhere(`${field}_file is to name a SecureString of this project: ${secrets}<name>`);
};

/** What of an http_config is not gone by, by its fields. */
const NOT_GONE_BY = ['proxy_url', 'oauth2', 'tls_config'] as const;

/** How requests say who sends them. @throws Nowhere */
const authorizationOf = (secrets: string, http: HttpConfig | undefined): { readonly authorization?: Authorization } => {
  if (http === undefined) return {};
  const refused = NOT_GONE_BY.find((field) => http[field]);
  if (refused) throw new Nowhere(`http_config.${refused} is not gone by`);
  const { authorization, basic_auth, bearer_token, bearer_token_file } = http;
  if (authorization) {
    const { type, credentials, credentials_file } = authorization;
    const field = 'http_config.authorization.credentials';
    return { authorization: { type, credentialsFile: fileOf(secrets, field, credentials, credentials_file) } };
  }
  if (basic_auth) {
    const { username, password, password_file } = basic_auth;
    const passwordFile = fileOf(secrets, 'http_config.basic_auth.password', password, password_file);
    return { authorization: { username, passwordFile } };
  }
  if (!bearer_token && !bearer_token_file) return {};
  const credentialsFile = fileOf(secrets, 'http_config.bearer_token', bearer_token, bearer_token_file);
  return { authorization: { type: 'Bearer', credentialsFile } };
};

/** Of some texts, those that somebody wrote. */
export const writtenOf = <K extends string>(
  config: Readonly<Partial<Record<K, string | undefined>>>,
  names: readonly K[],
): Partial<Record<K, string>> =>
  // Object.fromEntries forgets which names it was given.
  Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]]))) as Partial<
    Record<K, string>
  >;

const addressOf = (secrets: string, url: string | undefined, urlFile: string | undefined): Address =>
  url ? { url } : { urlFile: fileOf(secrets, 'url', undefined, urlFile) };

/** @throws Nowhere */
export const webhookWay =
  (secrets: string) =>
  (config: Receiver['webhook_configs'][number]): IntegrationSpec => {
    const { url, url_file, signing_secret_file, max_alerts, send_resolved, http_config } = config;
    return {
      kind: 'webhook',
      sendResolved: send_resolved,
      maxAlerts: max_alerts,
      ...addressOf(secrets, url, url_file),
      ...authorizationOf(secrets, http_config),
      ...(signing_secret_file
        ? { signingSecretFile: fileOf(secrets, 'signing_secret', undefined, signing_secret_file) }
        : {}),
    };
  };

/** What a message is shown by, and what it says. */
const SLACK_LOOKS = ['channel', 'username', 'icon_emoji', 'icon_url'] as const;
const SLACK_TEXTS = [
  ...(['title', 'title_link', 'pretext', 'text', 'fallback', 'callback_id'] as const),
  ...(['color', 'footer', 'image_url', 'thumb_url'] as const),
];

/** A message that says nothing of its own has NovaCron's form. */
const messageOf = (config: Receiver['slack_configs'][number]): SlackTexts | undefined => {
  const { fields, actions, short_fields, link_names, mrkdwn_in } = config;
  const said = writtenOf(config, SLACK_TEXTS);
  if (Object.keys(said).length + fields.length + actions.length === 0) return undefined;
  return {
    texts: { ...said, ...writtenOf(config, SLACK_LOOKS) },
    fields: fields.map(({ short, ...each }) => ({
      ...writtenOf(each, ['title', 'value']),
      ...(short === undefined ? {} : { short }),
    })),
    actions: actions.map(({ confirm, ...each }) => ({
      ...writtenOf(each, ['type', 'text', 'url', 'style', 'name', 'value']),
      ...(confirm ? { confirm: writtenOf(confirm, ['text', 'title', 'ok_text', 'dismiss_text']) } : {}),
    })),
    shortFields: short_fields,
    linkNames: link_names,
    mrkdwnIn: mrkdwn_in,
  };
};

/** @throws Nowhere */
const botWay = (
  secrets: string,
  url: string,
  { channel, send_resolved, http_config, signing_secret_file }: Receiver['slack_configs'][number],
): IntegrationSpec => {
  const { authorization } = authorizationOf(secrets, http_config);
  if (authorization === undefined) throw new Nowhere('http_config.authorization is to name the token of a bot');
  if (!channel || channel.includes('{{')) throw new Nowhere('channel is to name one, without a template');
  const signing = signing_secret_file
    ? { signingSecretFile: fileOf(secrets, 'signing_secret', undefined, signing_secret_file) }
    : {};
  return { kind: 'slack-bot', sendResolved: send_resolved, url, channel, authorization, ...signing };
};

/** @throws Nowhere */
export const slackWay =
  (secrets: string) =>
  (config: Receiver['slack_configs'][number]): IntegrationSpec => {
    const { api_url, api_url_file, send_resolved, http_config } = config;
    if (api_url && isBotUrl(api_url)) return botWay(secrets, api_url, config);
    const message = messageOf(config);
    return {
      kind: 'slack',
      sendResolved: send_resolved,
      urlFile: fileOf(secrets, 'api_url', api_url, api_url_file),
      ...authorizationOf(secrets, http_config),
      ...(message ? { message } : {}),
    };
  };

const PAGERDUTY_TEXTS = [
  ...(['client', 'client_url', 'description', 'source', 'severity', 'class', 'component', 'group'] as const),
];

/** @throws Nowhere */
export const pagerdutyWay =
  (secrets: string) =>
  (config: Receiver['pagerduty_configs'][number]): IntegrationSpec => {
    const { url, routing_key, routing_key_file, service_key, service_key_file, send_resolved, http_config } = config;
    const { images, links } = config;
    if (service_key || service_key_file)
      throw new Nowhere("PagerDuty's first Events API is not spoken: routing_key_file instead of a service key");
    return {
      kind: 'pagerduty',
      sendResolved: send_resolved,
      url: url ?? '',
      routingKeyFile: fileOf(secrets, 'routing_key', routing_key, routing_key_file),
      texts: writtenOf(config, PAGERDUTY_TEXTS),
      details: config.details,
      ...(images.length > 0 ? { images: images.map((each) => writtenOf(each, ['src', 'alt', 'href'])) } : {}),
      ...(links.length > 0 ? { links: links.map((each) => writtenOf(each, ['href', 'text'])) } : {}),
      ...authorizationOf(secrets, http_config),
    };
  };

const OPSGENIE_TEXTS = [
  ...(['message', 'description', 'source', 'entity', 'actions', 'tags', 'note', 'priority'] as const),
];
const RESPONDER_TEXTS = ['id', 'name', 'username', 'type'] as const;

/** @throws Nowhere */
export const opsgenieWay =
  (secrets: string) =>
  (config: Receiver['opsgenie_configs'][number]): IntegrationSpec => {
    const { api_url, api_key, api_key_file, update_alerts, send_resolved, http_config, responders } = config;
    if (update_alerts) throw new Nowhere('update_alerts is not gone by');
    // What else the http_config says of who sends it gives way to the key.
    authorizationOf(secrets, http_config);
    return {
      kind: 'opsgenie',
      sendResolved: send_resolved,
      url: api_url ?? '',
      authorization: { type: 'GenieKey', credentialsFile: fileOf(secrets, 'api_key', api_key, api_key_file) },
      texts: writtenOf(config, OPSGENIE_TEXTS),
      details: config.details,
      responders: responders.map((each) => writtenOf(each, RESPONDER_TEXTS)),
    };
  };
