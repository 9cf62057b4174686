import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { amtool, newFolder } from '../../support/alertmanager.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { Random } from '../../support/random.ts';

/**
 * Thousands of configurations, each good but for one field that says something odd, are accepted here where `amtool
 * check-config` accepts them and refused where it refuses them.
 */

/** What people write where something else is wanted, as it stands in YAML. */
const ODD = [
  '',
  '~',
  'null',
  '""',
  "''",
  '"~"',
  'yes',
  'No',
  'y',
  'true',
  'TRUE',
  '"true"',
  '!!str true',
  'off',
  '0',
  '00',
  '-0',
  '-1',
  '+5',
  '5',
  '0x1F',
  '0o17',
  '017',
  '089',
  '1_000',
  '0b101',
  '1e3',
  '1.5',
  '-1.5',
  '.5',
  '.inf',
  '.nan',
  '"7"',
  '0s',
  '1h',
  '"1h30m"',
  '1d12h',
  '90m',
  '1.5h',
  '30m1h',
  '1y',
  '300y',
  '-5s',
  '+5s',
  '5µs',
  '10ms',
  '1w2d',
  'http://x',
  'HTTP://x',
  '"https://a.b:80/c?d#e"',
  'ftp://x',
  '"http://"',
  '"http:///x"',
  '"http://a b"',
  '"http://[::1]:9/"',
  '"http://[::1"',
  '"http://[fe80::1%25en0]/"',
  '"http://a:b"',
  '"http://a:"',
  '"http://:80"',
  '"http://u:p@h"',
  '"http://@"',
  '"http://a%zz"',
  '"http://x/%zz"',
  '"http://x/?%zz"',
  '"http://x/#%zz"',
  '"//x"',
  '":"',
  '"http:x"',
  '"http://é/"',
  '"http://x/ y"',
  '"http://x\\ty"',
  '<secret>',
  '"<secret>"',
  'a:25',
  '":25"',
  '"a:"',
  '"[::1]:25"',
  '"::1:25"',
  '"[a:25"',
  '"a]:25"',
  'a',
  'x-y',
  'a b',
  '"..."',
  'é',
  '"a\\nb"',
  '"\\""',
  'TLS12',
  'TLS9',
  'HTML',
  'Markdown',
  'text',
  'markdown',
  'team',
  'Basic',
  '2001-01-01',
  '12:30',
  '"{{ .X }}"',
  '[]',
  '[a]',
  '[a, a]',
  '[a, b]',
  '["..."]',
  '["...", a]',
  '["...", "..."]',
  '[1]',
  '[~]',
  '[x-y]',
  '[[a]]',
  '[{a: b}]',
  '[a=b]',
  '["{a=b,c=~\\"d|e\\"}"]',
  '["a=~("]',
  '["a"]',
  '["a==b"]',
  '["a=\\"b"]',
  '["1=b"]',
  '["a:b=c"]',
  '[""]',
  '["a=~*"]',
  '["a=~x{1001}"]',
  '["a=~(?P<n>x)"]',
  '["a=~\\\\pN"]',
  '["a=~\\\\d\\\\Q(\\\\E"]',
  '["a=~(?=x)"]',
  '["a=~\\\\1"]',
  '["a=~[[:alpha:]]"]',
  '["a=~[z-a]"]',
  '["a=~x**"]',
  '["a=~\\\\C"]',
  '["a=~(?i)x(?-i)y"]',
  '["a=~\\\\p{Greek}"]',
  '["a=~\\\\p{Nope}"]',
  '["a=~a|*"]',
  '["a=~x{2}{3}"]',
  '["a=~)"]',
  '{}',
  '{a: b}',
  '{a: }',
  '{a: "("}',
  '{x-y: b}',
  '{1: b}',
  '{a: [b]}',
  '{a: {b: c}}',
  '{a: b, a: c}',
  '{A-b: 1, a-B: 2}',
  '{routing_key: x}',
  '{a: [b, c]}',
  '{a: "x)|(y"}',
  '[{}]',
  '[{name: n}]',
  '[{name: n, type: Team}]',
  '[{name: n, type: "{{ .X }}"}]',
  '[{type: t, text: t, url: u}]',
  '[{type: t, text: t, name: n, confirm: {text: x}}]',
  '[{type: t, text: t, name: n, confirm: {}}]',
  '[{title: t, value: v, short: true}]',
  '[{title: t, value: v, short: 5}]',
  '[{href: h}]',
  '[{src: s, alt: a}]',
  '[{receiver: a, routes: [{receiver: b}]}]',
  '[{receiver: zz}]',
  '[{match: {a: b}, continue: true}]',
  '{basic_auth: {username: u}}',
  '{basic_auth: {password: p, password_file: f}}',
  '{authorization: {}}',
  '{authorization: {type: basic}}',
  '{authorization: {type: " "}}',
  '{bearer_token: t}',
  '{bearer_token: t, authorization: {}}',
  '{bearer_token: t, bearer_token_file: f}',
  '{oauth2: {client_id: i, client_secret: s, token_url: u}}',
  '{oauth2: {client_id: i, client_secret: s, token_url: u, scopes: [a], endpoint_params: {a: b}, tls_config: {}}}',
  '{oauth2: {client_id: i}}',
  '{oauth2: {client_id: i, client_secret: s, token_url: u}, basic_auth: {}}',
  '{proxy_url: "http://p"}',
  '{proxy_connect_header: {a: [b]}}',
  '{proxy_connect_header: {a: [b]}, proxy_url: "http://p"}',
  '{follow_redirects: maybe}',
  '{enable_http2: no}',
  '{tls_config: {min_version: TLS13, insecure_skip_verify: true}}',
  '{min_version: TLS10, max_version: TLS11}',
  '{max_version: tls10}',
  '{access_key: a}',
  '{access_key: a, secret_key: b, region: r}',
  '[{times: [{start_time: 09:00, end_time: 17:00}]}]',
  '[{times: [{start_time: 9:00, end_time: 17:00}]}]',
  '[{times: [{start_time: 17:00, end_time: 09:00}]}]',
  '[{times: [{start_time: 17:00}]}]',
  '[{times: [{start_time: 00:00, end_time: 24:00}]}]',
  '[{times: }]',
  '[{weekdays: ["monday:friday", Sunday]}]',
  '[{weekdays: [mon]}]',
  '[{weekdays: ["friday:monday"]}]',
  '[{weekdays: [1]}]',
  '[{days_of_month: ["1:5", -3:-1, 31]}]',
  '[{days_of_month: [0]}]',
  '[{days_of_month: ["-1:1"]}]',
  '[{days_of_month: ["31:-31"]}]',
  '[{days_of_month: ["28:-1"]}]',
  '[{days_of_month: ["+1"]}]',
  '[{days_of_month: ["1:2:3"]}]',
  '[{days_of_month: [1.5]}]',
  '[{months: [may, "june:8", 13]}]',
  '[{months: [juni]}]',
  '[{months: ["6:5"]}]',
  '[{years: [2026, "2027:2030"]}]',
  '[{years: ["2030:2027"]}]',
  '[{location: Europe/Berlin}]',
  '[{location: Mars/Olympus}]',
  '[{location: ""}]',
  '[{location: UTC}]',
  '[{location: Local}]',
  '[{weekday: [monday]}]',
];

/** What each kind of receiver must have, and all that it may. */
const RECEIVERS: Readonly<Record<string, readonly [least: Readonly<Record<string, string>>, fields: string]>> = {
  webhook_configs: [{ url: 'http://x' }, 'url max_alerts'],
  slack_configs: [
    { api_url: 'http://x' },
    'api_url api_url_file channel username color title title_link pretext text fields short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions',
  ],
  email_configs: [
    { to: 'a@b', from: 'c@d', smarthost: 'h:25' },
    'to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_identity headers html text require_tls tls_config',
  ],
  sns_configs: [{ topic_arn: 'arn' }, 'api_url sigv4 topic_arn phone_number target_arn subject message attributes'],
  pagerduty_configs: [
    { routing_key: 'k' },
    'service_key service_key_file routing_key routing_key_file url client client_url description details images links source severity class component group',
  ],
  opsgenie_configs: [
    { api_key: 'k' },
    'api_key api_key_file api_url message description source details entity responders actions tags note priority update_alerts',
  ],
  wechat_configs: [
    { api_secret: 's', corp_id: 'c' },
    'api_secret corp_id message api_url to_user to_party to_tag agent_id message_type',
  ],
  pushover_configs: [
    { user_key: 'u', token: 't' },
    'user_key token title message url url_title sound priority retry expire html',
  ],
  victorops_configs: [
    { api_key: 'k', routing_key: 'r' },
    'api_key api_key_file api_url routing_key message_type state_message entity_display_name monitoring_tool custom_fields',
  ],
  telegram_configs: [
    { bot_token: 't', chat_id: '1' },
    'api_url bot_token chat_id message disable_notifications parse_mode',
  ],
  discord_configs: [{ webhook_url: 'http://x' }, 'webhook_url title message'],
  webex_configs: [{ room_id: 'r', http_config: '{authorization: {credentials: c}}' }, 'api_url message room_id'],
};
const GLOBAL =
  'resolve_timeout http_config smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_identity smtp_require_tls slack_api_url slack_api_url_file pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url webex_api_url'.split(
    ' ',
  );
const ROUTE =
  'receiver group_by match match_re matchers mute_time_intervals active_time_intervals continue routes group_wait group_interval repeat_interval'.split(
    ' ',
  );
const RULE = 'source_match source_match_re source_matchers target_match target_match_re target_matchers equal'.split(
  ' ',
);
const TOP = 'global route inhibit_rules receivers templates mute_time_intervals time_intervals'.split(' ');

type Fields = Readonly<Record<string, string>>;

const flow = (fields: Fields): string =>
  `{${Object.entries(fields)
    .map(([name, text]) => `${name}: ${text}`)
    .join(', ')}}`;

/** One field of these, most often one that there is, says something odd. */
const odd = (random: Random, names: readonly string[]): Fields => ({
  [random.chance(0.03) ? 'no_such_field' : random.pick(names)]: random.pick(ODD),
});

const someConfig = (random: Random): string => {
  const kind = random.pick(Object.keys(RECEIVERS));
  const [least = {}, names = ''] = RECEIVERS[kind] ?? [];
  const where = random.pick([
    'receiver',
    'receiver',
    'receiver',
    'global',
    'root',
    'child',
    'rule',
    'interval',
    'top',
    'name',
  ]);
  const at = (place: string, all: readonly string[]): Fields => (where === place ? odd(random, all) : {});
  const receiver = { ...least, ...at('receiver', [...names.split(' '), 'send_resolved', 'http_config']) };
  const route = {
    receiver: 'a',
    routes: `[${flow({ receiver: 'b', ...at('child', ROUTE) })}]`,
    ...at('root', ROUTE),
  };
  return Object.entries({
    global: flow(at('global', GLOBAL)),
    route: flow(route),
    receivers: `[${flow({ name: 'a', ...at('name', ['name']) })}, {name: b, ${kind}: [${flow(receiver)}]}]`,
    inhibit_rules: `[${flow(at('rule', RULE))}]`,
    time_intervals: `[${flow({ name: 'a', ...at('interval', ['name', 'time_intervals']) })}]`,
    ...at('top', TOP),
  })
    .map(([name, text]) => `${name}: ${text}\n`)
    .join('');
};

/** What amtool accepts and Alertmanager then dies of, or takes for nonsense; ours refuses it. */
const NONSENSE = /(time_intervals|inhibit_rules|actions|fields): \[~\]$|(actions|fields): \[~\]}|max_alerts: -1\.5/m;

/** Mails go by SES from an address of the plane's: ours needs no server of mail and no sender. */
const NO_SERVER = /email_configs: .*\b(from|smarthost): (~|null|""|'')?[,}]/m;

const isDeparture = (config: string): boolean => NONSENSE.test(config) || NO_SERVER.test(config);

const isAccepted = (yaml: string): boolean => {
  try {
    return readConfig(yaml) !== undefined;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw new Error(`not read, and not refused: ${yaml}`, { cause: error });
  }
};

/** A command has room for so many names. */
const AT_ONCE = 10_000;

/** @returns those of the files that amtool accepts; it dies of some, as of a list with nothing in it, and so refuses them */
const acceptedByAmtool = async (files: readonly string[]): Promise<Set<string>> => {
  const accepted = new Set<string>();
  for (let left = files; left.length > 0; ) {
    const told = [
      ...(await amtool(['check-config', ...left.slice(0, AT_ONCE)])).matchAll(/^Checking '(.+)' {2}(SUCCESS|FAILED)/gm),
    ];
    for (const [, file = '', what] of told) if (what === 'SUCCESS') accepted.add(file);
    left = left.slice(Math.min(told.length + 1, AT_ONCE));
  }
  return accepted;
};

it('configurations are accepted and refused as amtool does', async () => {
  using folder = newFolder();
  const random = new Random(SEED);
  const files = Array.from({ length: casesOr(4000) }, (_, index) => join(folder.path, `${index}.yml`));
  for (const file of files) {
    let config = someConfig(random);
    while (isDeparture(config)) config = someConfig(random);
    writeFileSync(file, config);
  }
  const accepted = await acceptedByAmtool(files);
  const otherwise = files.filter((file) => isAccepted(readFileSync(file, 'utf8')) !== accepted.has(file));
  expect(
    otherwise.map((file) => `${accepted.has(file) ? 'accepted' : 'refused'} by amtool:\n${readFileSync(file, 'utf8')}`),
  ).toEqual([]);
  expect(accepted.size).toBeGreaterThan(files.length / 10);
  expect(accepted.size).toBeLessThan(files.length * 0.9);
});
