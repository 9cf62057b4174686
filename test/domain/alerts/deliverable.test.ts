import { describe, expect, it } from 'vitest';
import type { Means } from '../../../lambdas/domain/alerts/aws-ways.ts';
import { readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { deliverable } from '../../../lambdas/domain/alerts/deliverable.ts';
import { receiverSecrets } from '../../../lambdas/domain/alerts/receiver-secrets.ts';
import { yamlOf } from '../../support/alerts.ts';

const SECRETS = receiverSecrets('main', 'shop');
const BOT = 'https://slack.com/api/chat.postMessage';
const CHANNELS = { topicArn: 'arn:aws:sns:eu-central-1:1:alerts', slackParameter: '/our/slack' };
const HOOK = 'https://hooks.example.org/x';

const TOPIC = 'arn:aws:sns:eu-west-1:1:pager';
const MEANS: Means = { mailFrom: 'alerts@example.org', topics: [TOPIC], sms: true, buses: ['ops'] };
const NO_MEANS: Means = { topics: [], sms: false, buses: [] };

const said = (kind: string, config: unknown, global: unknown = {}, means = MEANS) => {
  const yaml = yamlOf({ route: { receiver: 'r0' }, global, receivers: [{ name: 'r0', [kind]: [config] }] });
  const { config: made, undelivered } = deliverable(readConfig(yaml), { channels: CHANNELS, secrets: SECRETS, means });
  return { ways: made.receivers[0]?.integrations, why: undelivered.map(({ why }) => why) };
};
const webhook = (http_config: unknown) => said('webhook_configs', { url: HOOK, http_config });

describe('a receiver is reached with secrets that its project has in SSM', () => {
  it.each<[string, unknown, unknown, Record<string, unknown>]>([
    ['webhook_configs', { url: HOOK }, {}, { kind: 'webhook', sendResolved: true, maxAlerts: 0, url: HOOK }],
    [
      'webhook_configs',
      { url_file: `${SECRETS}hook`, signing_secret_file: `${SECRETS}hook.key`, max_alerts: 3 },
      {},
      {
        kind: 'webhook',
        sendResolved: true,
        maxAlerts: 3,
        urlFile: `${SECRETS}hook`,
        signingSecretFile: `${SECRETS}hook.key`,
      },
    ],
    [
      'webhook_configs',
      { url: HOOK, http_config: { authorization: { type: 'Token', credentials_file: `${SECRETS}t` } } },
      {},
      expect.objectContaining({ authorization: { type: 'Token', credentialsFile: `${SECRETS}t` } }),
    ],
    [
      'webhook_configs',
      { url: HOOK },
      { http_config: { basic_auth: { username: 'anna', password_file: `${SECRETS}p` }, follow_redirects: false } },
      expect.objectContaining({ authorization: { username: 'anna', passwordFile: `${SECRETS}p` } }),
    ],
    [
      'webhook_configs',
      { url: HOOK, http_config: { bearer_token_file: `${SECRETS}t` } },
      {},
      expect.objectContaining({ authorization: { type: 'Bearer', credentialsFile: `${SECRETS}t` } }),
    ],
    [
      'email_configs',
      {
        to: 'Ops <a@b.org>',
        headers: { SUBJECT: 's', 'X-Team': 'ops', From: 'x', 'X-Of': '{{ .Status }}' },
        text: '{{ .Status }}',
        html: '',
      },
      { smtp_smarthost: 'mail:25', smtp_from: 'x@y.org' },
      {
        kind: 'email',
        sendResolved: false,
        to: [{ name: 'Ops', address: 'a@b.org' }],
        headers: { 'X-Team': 'ops', 'X-Of': '{{ .Status }}' },
        texts: { subject: 's', html: '', text: '{{ .Status }}' },
      },
    ],
    [
      'sns_configs',
      {
        topic_arn: TOPIC,
        sigv4: { region: 'eu-west-1' },
        subject: 's',
        message: '{{ .Status }}',
        attributes: { a: 'b', c: '{{ .Status }}' },
      },
      {},
      {
        kind: 'sns',
        sendResolved: true,
        topicArn: TOPIC,
        texts: { subject: 's', message: '{{ .Status }}' },
        attributes: { a: 'b', c: '{{ .Status }}' },
      },
    ],
    [
      'sns_configs',
      { phone_number: '+15550100123', message: 'm', send_resolved: false },
      {},
      { kind: 'sms', sendResolved: false, phoneNumber: '+15550100123', texts: { message: 'm' }, attributes: {} },
    ],
    ['eventbridge_configs', { bus_name: 'ops' }, {}, { kind: 'eventbridge', sendResolved: true, busName: 'ops' }],
    ['slack_configs', { api_url_file: '/our/slack' }, {}, { kind: 'slack', sendResolved: false }],
    ['slack_configs', {}, { slack_api_url_file: '/our/slack' }, { kind: 'slack', sendResolved: false }],
    [
      'slack_configs',
      { api_url: BOT, channel: '#ops' },
      { http_config: { authorization: { credentials_file: `${SECRETS}bot` } } },
      {
        kind: 'slack-bot',
        sendResolved: false,
        url: BOT,
        channel: '#ops',
        authorization: { type: 'Bearer', credentialsFile: `${SECRETS}bot` },
      },
    ],
    [
      'slack_configs',
      { send_resolved: true },
      { slack_api_url_file: `${SECRETS}slack` },
      { kind: 'slack', sendResolved: true, urlFile: `${SECRETS}slack` },
    ],
    [
      'slack_configs',
      {
        api_url_file: `${SECRETS}slack`,
        channel: '#ops',
        text: '{{ .Status }}',
        fields: [{ title: 'a', value: 'b' }],
        actions: [{ type: 'button', text: 'x', url: 'https://x', confirm: { text: 'y' } }],
      },
      {},
      {
        kind: 'slack',
        sendResolved: false,
        urlFile: `${SECRETS}slack`,
        message: {
          texts: { channel: '#ops', text: '{{ .Status }}' },
          fields: [{ title: 'a', value: 'b' }],
          actions: [{ type: 'button', text: 'x', url: 'https://x', confirm: { text: 'y' } }],
          shortFields: false,
          linkNames: false,
          mrkdwnIn: [],
        },
      },
    ],
    [
      'pagerduty_configs',
      {
        routing_key_file: `${SECRETS}pd`,
        severity: '{{ .CommonLabels.severity }}',
        client: 'ops',
        details: { a: 'b', c: '{{ .Status }}' },
        images: [{ src: 'https://i.example.org/{{ .Status }}.png' }],
        links: [{ href: 'https://l.example.org', text: 'x' }],
      },
      {},
      {
        kind: 'pagerduty',
        sendResolved: true,
        url: 'https://events.pagerduty.com/v2/enqueue',
        routingKeyFile: `${SECRETS}pd`,
        texts: { client: 'ops', severity: '{{ .CommonLabels.severity }}' },
        details: { a: 'b', c: '{{ .Status }}' },
        images: [{ src: 'https://i.example.org/{{ .Status }}.png' }],
        links: [{ href: 'https://l.example.org', text: 'x' }],
      },
    ],
    [
      'opsgenie_configs',
      { tags: 'a,b', message: '{{ .Status }}', responders: [{ name: 'ops', type: 'team' }] },
      { opsgenie_api_key_file: `${SECRETS}og` },
      {
        kind: 'opsgenie',
        sendResolved: true,
        url: 'https://api.opsgenie.com/',
        authorization: { type: 'GenieKey', credentialsFile: `${SECRETS}og` },
        texts: { tags: 'a,b', message: '{{ .Status }}' },
        details: {},
        responders: [{ name: 'ops', type: 'team' }],
      },
    ],
  ])('%s %j %j', (kind, config, global, expected) => {
    expect(said(kind, config, global)).toEqual({ ways: [expected], why: [] });
  });
});

describe('a way leads nowhere, and it is said why,', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'email_configs',
      { to: 'a@b.org' },
      /^NovaCron has no address to send mail from: .* setting mailFrom and deploy, then/,
    ],
    [
      'sns_configs',
      { topic_arn: TOPIC },
      /^NovaCron may not publish to arn:.*pager: name it in the setting snsTopics and/,
    ],
    [
      'sns_configs',
      { phone_number: '+15550100123' },
      /^text messages are off: switch the setting sms on and deploy, then/,
    ],
    [
      'eventbridge_configs',
      { bus_name: 'ops' },
      /^NovaCron may put no events on ops: name it in the setting eventBuses/,
    ],
  ])('%s of an installation whose settings say nothing of it', (kind, config, why) => {
    expect(said(kind, config, {}, NO_MEANS)).toEqual({ ways: [], why: [expect.stringMatching(why)] });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'webhook_configs',
      { url_file: '/etc/hook' },
      /^url_file is to name a SecureString of this project: \/novacron\/main\/receivers\/shop\/<name>$/,
    ],
    ['webhook_configs', { url: HOOK, signing_secret_file: 'key' }, /^signing_secret_file is to name/],
    [
      'slack_configs',
      { api_url: 'https://hooks.slack.com/x' },
      /take api_url out of it, put it into a SecureString .* as api_url_file/,
    ],
    ['slack_configs', { api_url: `${BOT}?token=x` }, /take api_url out of it/],
    ['slack_configs', { api_url: BOT, channel: '#ops' }, /authorization is to name the token of a bot$/],
    ['slack_configs', { api_url: BOT, http_config: { bearer_token_file: `${SECRETS}t` } }, /^channel is to name one/],
    ['pagerduty_configs', { routing_key: 'k' }, /take routing_key out of it/],
    ['pagerduty_configs', { service_key_file: `${SECRETS}k` }, /first Events API is not spoken/],
    ['opsgenie_configs', { api_key: 'k' }, /take api_key out of it/],
    ['opsgenie_configs', { api_key_file: `${SECRETS}k`, update_alerts: true }, /update_alerts is not gone by/],
    ['victorops_configs', { api_key_file: `${SECRETS}k`, routing_key: 'r' }, /receivers of this kind/],
    ['sns_configs', { topic_arn: 'arn' }, /^NovaCron may not publish to arn: name it/],
    ['sns_configs', { topic_arn: TOPIC, api_url: HOOK }, /^api_url is not gone by/],
    ['sns_configs', { topic_arn: TOPIC, sigv4: { profile: 'p' } }, /^of sigv4 only the region may be there/],
    ['sns_configs', { topic_arn: TOPIC, sigv4: { role_arn: 'r' } }, /^of sigv4 only the region may be there/],
    ['sns_configs', { topic_arn: TOPIC, sigv4: { access_key: 'k', secret_key: 's' } }, /^of sigv4 only the region/],
    ['sns_configs', { target_arn: 'arn' }, /^target_arn is not gone by/],
    ['sns_configs', { phone_number: '555 0100' }, /^phone_number is to be of the form/],
    ['email_configs', { to: 'ops' }, /^to is to name addresses: "ops" is no e-mail address$/],
    ['email_configs', { to: '{{ .CommonLabels.owner }}' }, /^to is to name addresses: it is not filled in/],
    ['email_configs', { to: ',' }, /^to is to name 1 to 50 addresses$/],
    ['email_configs', { to: 'a@b.org,'.repeat(51) }, /^to is to name 1 to 50 addresses$/],
    ['email_configs', { to: 'a@b.org', headers: { 'X Y': 'z' } }, /^"X Y" is no name of a header$/],
  ])('%s %j', (kind, config, why) => {
    expect(said(kind, config)).toEqual({ ways: [], why: [expect.stringMatching(why)] });
  });

  it.each<[string, unknown, RegExp]>([
    ['a proxy', { proxy_url: 'http://10.0.0.1/' }, /^http_config.proxy_url is not gone by$/],
    ['certificates', { tls_config: { insecure_skip_verify: true } }, /^http_config.tls_config is not gone by$/],
    ['OAuth', { oauth2: { client_id: 'c', client_secret: 's', token_url: 'https://t/' } }, /^http_config.oauth2/],
    ['a token', { bearer_token: 't' }, /take http_config.bearer_token out/],
    ['credentials', { authorization: { credentials: 't' } }, /take http_config.authorization.credentials out/],
    ['no credentials', { authorization: {} }, /^http_config.authorization.credentials_file is to name/],
    ['a password', { basic_auth: { username: 'u', password: 'p' } }, /take http_config.basic_auth.password out/],
  ])('with %s', (_, http_config, why) => {
    expect(webhook(http_config)).toEqual({ ways: [], why: [expect.stringMatching(why)] });
  });

  it.each([
    '/novacron/main/receivers/other/t',
    '/novacron/other/receivers/shop/t',
    '/novacron/main/receivers/shop/../other/t',
    '/novacron/main/receivers/shop/',
    '/novacron/main/receivers/shop/a/b',
    '/novacron/main/receivers/shop/a b',
    '/novacron/main/audit-key/k',
    'novacron/main/receivers/shop/t',
    `/novacron/main/receivers/shop/${'t'.repeat(129)}`,
  ])('with a secret that is not its own: %s', (credentials_file) => {
    expect(webhook({ authorization: { credentials_file } })).toMatchObject({ ways: [], why: [expect.any(String)] });
  });
});

describe('what a receiver takes in a time', () => {
  const limitsOf = (receiver: object) => {
    const yaml = yamlOf({ route: { receiver: 'r0' }, receivers: [{ name: 'r0', ...receiver }] });
    const { config } = deliverable(readConfig(yaml), { channels: CHANNELS, secrets: SECRETS, means: MEANS });
    return config.receivers[0]?.integrations.map(({ rateLimit }) => rateLimit);
  };

  it('is each way’s own, or the receiver’s, and all where neither says so', () => {
    const hooks = [{ url: HOOK }, { url: HOOK, rate_limit: { notifications: 5, per: '2m', critical: 0 } }];
    const emails = [{ to: 'a@b.org', rate_limit: { notifications: 0 } }];
    expect(limitsOf({ webhook_configs: hooks, email_configs: emails })).toEqual([
      undefined,
      { notifications: 5, perMs: 120_000, critical: 0 },
      undefined,
    ]);
    const rate_limit = { notifications: 10 };
    expect(limitsOf({ rate_limit, webhook_configs: hooks, email_configs: emails })).toEqual([
      { notifications: 10, perMs: 60_000, critical: 10 },
      { notifications: 5, perMs: 120_000, critical: 0 },
      undefined,
    ]);
  });
});
