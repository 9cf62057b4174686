import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { someRoutes, yamlOf } from '../../support/alerts.ts';

const LEAST = { route: { receiver: 'r0' } };

/** The least configuration, with a receiver of this kind; `!` before a number keeps it as it is written. */
const receiving = (kind: string, config: unknown, global: unknown = {}): string =>
  yamlOf({ ...LEAST, global, receivers: [{ name: 'r0', [kind]: [config] }] }).replace(/"!(\d+)"/, '$1');

const troublesOf = (yaml: string): string[] => {
  try {
    readConfig(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
};

describe('a configuration is read', () => {
  it('with what it leaves out', () => {
    expect(readConfig('route: {receiver: r}\nreceivers: [{name: r}]')).toMatchObject({
      global: { resolve_timeout: 300_000, smtp_hello: 'localhost', smtp_require_tls: true },
      route: { receiver: 'r', group_by: [], matchers: [], continue: false, routes: [] },
      inhibit_rules: [],
      templates: [],
      time_intervals: [],
    });
  });

  it('whatever tree it has', () => {
    fc.assert(
      fc.property(someRoutes, (route) => {
        const counted = (each: { routes?: readonly unknown[] }): number =>
          (each.routes ?? []).reduce((sum: number, child) => sum + counted(child as typeof each), 1);
        expect(counted(readConfig(yamlOf({ route })).route)).toBe(counted(route));
      }),
    );
  });

  it('and back from JSON', () => {
    const config = readConfig(yamlOf({ route: { receiver: 'r0', routes: [{ matchers: ['a=~"x|y"'] }] } }));
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });

  it('with scalars as Go reads them: a text is as it is written, and truth has many words', () => {
    const config = readConfig(`
global: {resolve_timeout: 0, smtp_require_tls: no}
route:
  receiver: 1.10
  group_wait: 0
  routes:
    - match: {a: yes, b: 0x10, c: ~, d: "null", e: 1_000}
      continue: Yes
receivers: [{name: 1.10, webhook_configs: [{url: "http://x/", max_alerts: 0x10, send_resolved: }]}]`);
    expect(config).toMatchObject({
      global: { resolve_timeout: 0, smtp_require_tls: false },
      route: { receiver: '1.10', group_wait: 0, routes: [{ continue: true }] },
      receivers: [{ webhook_configs: [{ max_alerts: 16, send_resolved: false }] }],
    });
    expect(config.route.routes[0]?.matchers.map(({ value }) => value)).toEqual(['yes', '0x10', '', 'null', '1_000']);
  });

  it('with aliases and merges', () => {
    const { route } = readConfig(`
route:
  receiver: r
  routes:
    - &base {receiver: r, group_wait: 1s, matchers: [a=b]}
    - {<<: *base, group_wait: 2s}
    - <<: [{group_wait: 3s}, *base]
    - *base
receivers: [{name: r}]`);
    expect(route.routes.map(({ group_wait, matchers }) => [group_wait, matchers.length])).toEqual([
      [1000, 1],
      [2000, 1],
      [3000, 1],
      [1000, 1],
    ]);
  });

  it.each<[string, unknown, unknown, Record<string, unknown>]>([
    ['webhook_configs', { url: 'http://x/' }, {}, { send_resolved: true, max_alerts: 0 }],
    [
      'slack_configs',
      { channel: '#x' },
      { slack_api_url: 'https://s/' },
      { api_url: 'https://s/', send_resolved: false },
    ],
    ['slack_configs', { api_url_file: '/x' }, { slack_api_url: 'https://s/' }, { api_url_file: '/x' }],
    [
      'email_configs',
      { to: 'x@y' },
      { smtp_smarthost: 'h:25', smtp_from: 'f@y', smtp_auth_password: 'p' },
      {
        smarthost: 'h:25',
        from: 'f@y',
        auth_password: 'p',
        hello: 'localhost',
        require_tls: true,
        send_resolved: false,
      },
    ],
    [
      'email_configs',
      { to: 'x@y', smarthost: '[::1]:25', from: 'g@y', auth_password_file: '/x', require_tls: false },
      { smtp_auth_password: 'p' },
      { smarthost: '[::1]:25', auth_password_file: '/x', require_tls: false },
    ],
    ['sns_configs', { topic_arn: 'arn' }, {}, { topic_arn: 'arn', send_resolved: true }],
    [
      'email_configs',
      { to: 'x@y', smarthost: 'h:25', from: 'g@y', headers: { 'not a header': 'a', 'Not a header': 'b' } },
      {},
      { headers: { 'not a header': 'a', 'Not a header': 'b' } },
    ],
    [
      'webhook_configs',
      { url: 'http://[::1]:80/', http_config: { authorization: {}, tls_config: { max_version: 'TLS13' } } },
      {},
      { http_config: { authorization: { type: 'Bearer' }, tls_config: { max_version: 'TLS13' } } },
    ],
    ['telegram_configs', { bot_token: 't', chat_id: 1.5 }, {}, { chat_id: 1 }],
    ['webhook_configs', { url: 'http://x', max_alerts: '!017' }, {}, { max_alerts: 15 }],
    ['pagerduty_configs', { routing_key: 'k' }, {}, { url: 'https://events.pagerduty.com/v2/enqueue' }],
    ['opsgenie_configs', {}, { opsgenie_api_key: 'k' }, { api_key: 'k', api_url: 'https://api.opsgenie.com/' }],
    ['opsgenie_configs', { api_key_file: '/k' }, { opsgenie_api_key: 'k' }, { api_key_file: '/k' }],
    ['victorops_configs', { routing_key: 'r' }, { victorops_api_key: 'k' }, { api_key: 'k', routing_key: 'r' }],
    ['wechat_configs', {}, { wechat_api_secret: 's', wechat_api_corp_id: 'c' }, { api_secret: 's', corp_id: 'c' }],
    ['pushover_configs', { user_key: 'u', token: 't', retry: '1.5m' }, {}, { retry: '1.5m', html: false }],
    ['telegram_configs', { bot_token: 't', chat_id: -100123 }, {}, { chat_id: -100123, parse_mode: 'HTML' }],
    ['discord_configs', { webhook_url: 'https://d/' }, {}, { webhook_url: 'https://d/' }],
    ['discord_configs', { webhook_url: '<secret>' }, {}, { webhook_url: '<secret>' }],
    [
      'webex_configs',
      { room_id: 'r', http_config: { bearer_token: 't' } },
      {},
      { api_url: 'https://webexapis.com/v1/messages' },
    ],
    [
      'webhook_configs',
      { url: 'http://x/' },
      { http_config: { proxy_url: 'http://p' } },
      { http_config: { proxy_url: 'http://p', follow_redirects: true } },
    ],
  ])('with a receiver of %s %j', (kind, config, global, expected) => {
    const [receiver] = readConfig(receiving(kind, config, global)).receivers;
    expect(receiver?.[kind as keyof Config['receivers'][number]]).toMatchObject([expected]);
  });
});

describe('a configuration is refused, naming the place', () => {
  it.each<[string, string[]]>([
    ['', ['line 1: no route provided in config']],
    ['[]', ['line 1: a map is wanted here']],
    ['route: 5', ['line 1: route: a map is wanted here']],
    ['route: {', ['line 1: Flow map in block collection must be sufficiently indented and end with a }']],
    ['receivers: [{name: r}]\nroute: {}', ['line 2: route.receiver: root route must specify a default receiver']],
    [
      'receivers: [{name: r}]\nroute:\n  receiver: r\n  matchers: [a=b]\n  continue: true\n  mute_time_intervals: [t]\n  active_time_intervals: [t]\ntime_intervals: [{name: t}]',
      [
        'line 4: route.matchers: root route must not have any matchers',
        'line 5: route.continue: cannot have continue in root route',
        'line 6: route.mute_time_intervals: root route must not have any mute time intervals',
        'line 7: route.active_time_intervals: root route must not have any active time intervals',
      ],
    ],
    [
      'receivers:\n  - name: r\n  - name: r\nroute:\n  receiver: r\n  routes:\n    - receiver: s\n    - routes:\n      - mute_time_intervals: [t]',
      [
        'line 3: receivers[1].name: notification config name "r" is not unique',
        'line 7: route.routes[0].receiver: undefined receiver "s" used in route',
        'line 9: route.routes[1].routes[0].mute_time_intervals: undefined time interval "t" used in route',
      ],
    ],
    [
      'receivers: [{name: r}]\nroute: {receiver: r}\nmute_time_intervals:\n  - name: t\ntime_intervals:\n  - name: t',
      ['line 6: time_intervals[0]: time interval "t" is not unique'],
    ],
    [
      'mute_time_intervals:\n  - name: t\n  - name: t\nreceivers: [{name: r}]\nroute: {receiver: r}',
      ['line 3: mute_time_intervals[1]: time interval "t" is not unique'],
    ],
    ['time_intervals: [{}]', ['line 1: time_intervals[0]: missing name in time interval']],
    ['receivers: [{}]', ['line 1: receivers[0]: missing name in receiver']],
    [
      `route: { receiver: r }
template_files:
  a.tmpl: "{{ define }}"
receivers:
  - name: r
    webhook_configs:
      - url: https://x.example.org
        http_config: { bearer_token: "{{" }
    slack_configs:
      - api_url: https://x.example.org
        fields:
          - { title: a, value: "x {{ .Status" }
`,
      [
        'line 3: template_files.a.tmpl: template a.tmpl, line 1, column 11: }} is not expected in define',
        'line 12: receivers[0].slack_configs[0].fields[0].value: template value, line 1, column 13: an action is not closed: }} is missing',
      ],
    ],
    ['receivers: [~]', ['line 1: receivers[0]: a map is wanted here']],
    [
      'route:\n  reciever: r\nroot: {}',
      [
        'line 1: route.receiver: root route must specify a default receiver',
        'line 2: route.reciever: there is no such field',
        'line 3: root: there is no such field',
      ],
    ],
    ['route:\n  receiver: r\n  receiver: s', ['line 3: Map keys must be unique']],
    ['route: !!int 5', ['line 1: Unresolved tag: tag:yaml.org,2002:int']],
    ['route: *x', ['line 1: unknown anchor "x" referenced']],
    ['? [a]\n: b', ['line 1: a key must be a text']],
    ['<<: 5', ['line 1: map merge requires map or sequence of maps as the value']],
    ['route: {receiver: [r]}', ['line 1: route.receiver: a single value is wanted here']],
    ['route: {continue: "true"}', ['line 1: route.continue: "true" is neither true nor false']],
    ['route: {continue: maybe}', ['line 1: route.continue: "maybe" is neither true nor false']],
    ['route: {group_wait: 5}', ['line 1: route.group_wait: not a valid duration string: "5"']],
    ['route: {group_interval: 0s}', ['line 1: route.group_interval: group_interval cannot be zero']],
    ['route: {flapping: {changes: 6, calm: 0s}}', ['line 1: route.flapping.calm: calm cannot be zero']],
    [
      'route: {flapping: {changes: 2}}',
      ['line 1: route.flapping.changes: changes is to be from 3 to 20, or 0 for never'],
    ],
    [
      'receivers: [{name: a, rate_limit: {notifications: 101, per: 5s, critical: -1}}]',
      [
        'line 1: receivers[0].rate_limit.notifications: notifications is to be from 0 to 100',
        'line 1: receivers[0].rate_limit.per: per is to be from 1m to 1d',
        'line 1: receivers[0].rate_limit.critical: critical is to be from 0 to 100',
      ],
    ],
    ['route: {flapping: {within: 5m}}', ['line 1: route.flapping.changes: a single value is wanted here']],
    ['route: {repeat_interval: 0s}', ['line 1: route.repeat_interval: repeat_interval cannot be zero']],
    ['route: {group_by: team}', ['line 1: route.group_by: a list is wanted here']],
    [
      'route: {group_by: [a, b-c, a]}',
      [
        'line 1: route.group_by: invalid label name "b-c" in group_by list',
        'line 1: route.group_by: duplicated label "a" in group_by',
      ],
    ],
    [
      'route: {group_by: [a, "..."]}',
      ['line 1: route.group_by: cannot have wildcard group_by (`...`) and other labels at the same time'],
    ],
    ['route:\n  match: {a-b: c}', ['line 2: route.match.a-b: invalid label name "a-b"']],
    ['route:\n  match_re:\n    a: (', ['line 3: route.match_re.a: error parsing regexp: missing closing ): `^(?:()$`']],
    ['route: {match_re: {a: }}', ['line 1: route.match_re.a: invalid regexp value']],
    ['route: {match: [a]}', ['line 1: route.match: a map is wanted here']],
    ['route: {matchers: [a]}', ['line 1: route.matchers[0]: bad matcher format: a']],
    ['inhibit_rules: [{equal: [a-b]}]', ['line 1: inhibit_rules[0].equal[0]: "a-b" is not a valid label name']],
    ['inhibit_rules: [{target_match: {"1": a}}]', ['line 1: inhibit_rules[0].target_match.1: invalid label name "1"']],
    ['global: {smtp_smarthost: host}', ['line 1: global.smtp_smarthost: address host: host and port are wanted']],
    [
      'global: {slack_api_url: "http://x/", slack_api_url_file: /x}',
      ['line 1: global: at most one of slack_api_url & slack_api_url_file must be configured'],
    ],
  ])('%s', (yaml, expected) => expect(troublesOf(yaml).slice(0, expected.length)).toEqual(expected));

  it.each<[string, unknown, RegExp]>([
    ['webhook_configs', {}, /missing url in webhook config/],
    ['webhook_configs', { url: '' }, /unsupported scheme "" for URL/],
    ['webhook_configs', { url: 'ftp://x' }, /unsupported scheme "ftp"/],
    ['webhook_configs', { url: 'http:///x' }, /missing host/],
    ['webhook_configs', { url: 'http:x' }, /missing host/],
    ['webhook_configs', { url: 'http://a b/' }, /invalid host/],
    ['webhook_configs', { url: 'http://a:b/' }, /invalid host/],
    ['webhook_configs', { url: 'http://a/%zz' }, /invalid escape/],
    ['webhook_configs', { url: 'http://a/\u0001' }, /control character/],
    ['webhook_configs', { url: 'http://x', max_alerts: -1 }, /max_alerts/],
    ['webhook_configs', { url: 'http://x', max_alerts: 'many' }, /"many" is no whole number/],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { bearer_token: 'a', bearer_token_file: 'b' } },
      /at most one of bearer_token &/,
    ],
    [
      'webhook_configs',
      {
        url: 'http://x',
        http_config: { basic_auth: {}, oauth2: { client_id: 'a', client_secret: 'b', token_url: 'c' } },
      },
      /at most one of basic_auth/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { basic_auth: { password: 'a', password_file: 'b' } } },
      /password_file/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { authorization: { type: ' Basic' } } },
      /cannot be set to "basic"/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { authorization: { credentials: 'a', credentials_file: 'b' } } },
      /credentials_file/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { oauth2: {} } },
      /client_id must be[\s\S]*client_secret or[\s\S]*token_url must be/,
    ],
    [
      'webhook_configs',
      {
        url: 'http://x',
        http_config: { oauth2: { client_id: 'a', client_secret: 'b', client_secret_file: 'c', token_url: 'd' } },
      },
      /client_secret_file must/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { proxy_connect_header: { a: ['b'] } } },
      /proxy_url must also/,
    ],
    [
      'webhook_configs',
      { url: 'http://x', http_config: { tls_config: { min_version: 'TLS9' } } },
      /unknown TLS version: TLS9/,
    ],
    ['slack_configs', {}, /no global Slack API URL set/],
    ['slack_configs', { api_url: 'http://x', api_url_file: '/x' }, /at most one of api_url/],
    [
      'slack_configs',
      { api_url: 'http://x', actions: [{ type: 'b', text: 't' }] },
      /missing name or url in Slack action/,
    ],
    [
      'slack_configs',
      { api_url: 'http://x', actions: [{ type: 'b', text: 't', name: 'n', confirm: {} }] },
      /missing text in Slack confirmation/,
    ],
    ['slack_configs', { api_url: 'http://x', fields: [{ title: 't' }] }, /missing value in Slack field/],
    ['email_configs', { to: '' }, /missing to in email config/],
    ['eventbridge_configs', {}, /missing bus_name in eventbridge config/],
    ['email_configs', { to: 'x', headers: { Subject: 'a', subject: 'b' } }, /duplicate header/],
    ['sns_configs', {}, /must provide either a Target ARN/],
    ['sns_configs', { topic_arn: 'a', target_arn: 'b' }, /must provide either a Target ARN/],
    ['sns_configs', { topic_arn: 'a', sigv4: { access_key: 'k' } }, /AWS SigV4 Access key and Secret Key/],
    ['pagerduty_configs', {}, /missing service or routing key/],
    ['pagerduty_configs', { service_key: 'a', service_key_file: 'b' }, /at most one of service_key/],
    ['opsgenie_configs', {}, /no global OpsGenie API Key set/],
    ['opsgenie_configs', { api_key: 'k', responders: [{ type: 'team' }] }, /at least one of id, username or name/],
    ['opsgenie_configs', { api_key: 'k', responders: [{ name: 'a', type: 'tribe' }] }, /responder type does not match/],
    ['victorops_configs', { api_key: 'k' }, /missing routing_key in VictorOps config/],
    [
      'victorops_configs',
      { api_key: 'k', routing_key: 'r', custom_fields: { entity_id: 'x' } },
      /conflicts with the fixed fields/,
    ],
    ['wechat_configs', { message_type: 'html' }, /weChat message type/],
    ['wechat_configs', {}, /Wechat ApiSecret set[\s\S]*Wechat CorpID set/],
    ['pushover_configs', { user_key: 'u' }, /missing token in Pushover config/],
    ['pushover_configs', { user_key: 'u', token: 't', retry: '5' }, /invalid duration "5"/],
    ['telegram_configs', { bot_token: 't' }, /missing chat_id/],
    ['telegram_configs', { bot_token: 't', chat_id: 1, parse_mode: 'x' }, /unknown parse_mode/],
    ['discord_configs', {}, /missing webhook_url in discord config/],
    ['webex_configs', { room_id: 'r' }, /missing webex_configs.http_config.authorization/],
    ['email_configs', { to: 'x', tls_config: { nothing: 1 } }, /tls_config.nothing: there is no such field/],
  ])('%s %j', (kind, config, words) => {
    expect(troublesOf(receiving(kind, config)).join('\n')).toMatch(words);
  });

  it('where a few lines unfold into more than anybody writes, or go deeper', () => {
    const lines = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`);
    expect(troublesOf(['a0: &a0 [x]', ...lines].join('\n'))).toEqual([
      expect.stringMatching(/excessive aliasing|too many/i),
    ]);
    expect(troublesOf(`route: ${'['.repeat(50_000)}`)).toHaveLength(1);
    expect(troublesOf('route: &x {routes: [*x]}')).toHaveLength(1);
  });
});
