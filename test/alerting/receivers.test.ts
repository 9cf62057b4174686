import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forget } from '../../lambdas/alerting/receivers/secrets.ts';
import type * as webhook from '../../lambdas/alerting/receivers/webhook.ts';
import { logger } from '../../lambdas/runtime/powertools.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { type FeedServer, feedServer } from '../support/feed-server.ts';
import { leaksOf } from '../support/leaks.ts';
import { Parameters } from '../support/parameters.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to what a receiver's own server is sent, over real HTTPS; its secrets are in SSM. */
let server: FeedServer;
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => {
  const real = await original<typeof webhook>();
  const postWebhook: typeof real.postWebhook = (url, body, more) => real.postWebhook(url, body, more, server.net());
  return { ...real, postWebhook };
});

const PREFIX = '/novacron/unit/receivers/default/';
const KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SECRETS = {
  token: 't0ken-of-a-receiver',
  password: 'passw0rd-of-a-receiver',
  signing: `whsec_${KEY}`,
  'routing-key': 'r0uting-key-of-pagerduty',
  'genie-key': 'g3nie-key-of-opsgenie',
};

const world = alertWorld();
const parameters = new Parameters();
let state: StateTable;
let token: string;
let got: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let logged: string[] = [];

beforeAll(async () => {
  server = await feedServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  state = new StateTable();
  got = [];
  logged = [];
  answer(200);
  parameters.values.clear();
  parameters.type = 'SecureString';
  parameters.mock.resetHistory();
  for (const [name, value] of Object.entries(SECRETS)) parameters.values.set(`${PREFIX}${name}`, `${value}\n`);
  parameters.values.set(`${PREFIX}slack`, slackUrl());
  forget([...parameters.values.keys(), `${PREFIX}missing`]);
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    vi.spyOn(logger, level).mockImplementation((...said) => void logged.push(written(said)));
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});

/** With all that an error holds. */
const written = (said: unknown): string =>
  JSON.stringify(said, (_, value) =>
    value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value,
  );

const origin = () => new URL(server.url).origin;
const slackUrl = () => `${origin()}/services/T0/B0/s1ackSecretPath`;

const answer = (status: number, said: string | ((body: string) => string) = '', headers = {}) => {
  server.answer = async (request, response) => {
    const body = await text(request);
    got.push({ path: request.url ?? '', headers: request.headers, body });
    response.writeHead(status, headers).end(typeof said === 'string' ? said : said(body));
  };
};

const asked = askingAs(() => token);

/** Routes everything to one receiver. */
const route = (configs: string) =>
  asked('POST /v1/routes', {
    yaml: `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 5m, repeat_interval: 1h }
receivers:
  - name: team
${configs.trimEnd().replaceAll(/^/gm, '    ')}
`,
  });
const fire = (labels: Record<string, string>, more = {}) =>
  asked('POST /api/v2/alerts', [{ labels, endsAt: '2026-11-25T20:00:00.000Z', ...more }]);
const resolve = (labels: Record<string, string>) => fire(labels, { endsAt: new Date(Date.now()).toISOString() });
const channels = async (): Promise<{ items: { failing?: { why: string } }[] }> => asked('GET /v1/channels');

const A = { alertname: 'Down', vm: 'a', severity: 'critical' };
const GROUP_KEY = '{}:{alertname="Down"}';

const webhookWith = (more: string) => route(`webhook_configs: [{ url: '${origin()}/hook', ${more} }]`);

describe('a receiver is told with the secrets that it names', () => {
  it('a webhook, by its credentials', async () => {
    await webhookWith(`http_config: { authorization: { credentials_file: ${PREFIX}token } }`);
    await fire(A);
    await world().until(1);
    expect(got).toMatchObject([{ path: '/hook', headers: { authorization: `Bearer ${SECRETS.token}` } }]);
  });

  it('a webhook, by its password', async () => {
    await webhookWith(`http_config: { basic_auth: { username: anna, password_file: ${PREFIX}password } }`);
    await fire(A);
    await world().until(1);
    const credentials = Buffer.from(`anna:${SECRETS.password}`).toString('base64');
    expect(got).toMatchObject([{ headers: { authorization: `Basic ${credentials}` } }]);
  });

  it('a webhook, signed: each try of a word has one id, and each repeat another', async () => {
    await webhookWith(`signing_secret_file: ${PREFIX}signing`);
    answer(503);
    await fire(A);
    await world().until(1);
    answer(200);
    await world().until(4_000);
    const ids = got.map(({ headers: { 'webhook-id': id } }) => id);
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    for (const { headers, body } of got) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const signature = createHmac('sha256', Buffer.from(KEY, 'base64')).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    }
    expect(got[2]?.headers['webhook-timestamp']).not.toBe(got[0]?.headers['webhook-timestamp']);
  });

  it('Slack, in Block Kit: what fires, who has taken it on, how to keep it quiet, and its end', async () => {
    await route(`slack_configs: [{ api_url_file: ${PREFIX}slack, send_resolved: true }]`);
    const labels = { alertname: "Disk <!here> isn't", vm: 'a' };
    await fire(labels, { annotations: { summary: 'No room & no time' } });
    await world().until(1);
    const [{ fingerprint }] = (await asked('GET /api/v2/alerts')) as [{ fingerprint: string }];
    await asked(`POST /v1/alerts/${fingerprint}/actions/acknowledge`, {});
    await fire({ ...labels, vm: 'b' });
    await world().until(400);
    await resolve(labels);
    await resolve({ ...labels, vm: 'b' });
    await world().until(800);
    expect(got.map(({ path }) => path)).toEqual(Array(3).fill('/services/T0/B0/s1ackSecretPath'));
    const [first, second, last] = got.map(({ body }) => JSON.stringify(JSON.parse(body).blocks));
    expect(first).toContain('[FIRING:1]');
    expect(first).toContain('No room &amp; no time');
    expect(first).toContain("novacron silence create 'alertname=Disk &lt;!here&gt; isn'\\\\''t' --for 2h");
    expect(first).not.toContain('<!here>\\n');
    expect(first).not.toContain('taken on');
    expect(second).toMatch(/\[FIRING:2\].*taken on by operator/);
    expect(last).toContain('[RESOLVED:2]');
  });

  it('PagerDuty: a trigger, and its resolution under the same key', async () => {
    await route(`pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key }]`);
    await fire(A);
    await world().until(1);
    await resolve(A);
    await world().until(400);
    const dedup_key = createHash('sha256').update(GROUP_KEY).digest('hex');
    expect(got.map(({ path, body }) => [path, JSON.parse(body)])).toMatchObject([
      [
        '/v2/enqueue',
        {
          routing_key: SECRETS['routing-key'],
          dedup_key,
          event_action: 'trigger',
          payload: { summary: '[FIRING:1] Down (critical a)', severity: 'error', custom_details: { num_firing: '1' } },
        },
      ],
      ['/v2/enqueue', { dedup_key, event_action: 'resolve', payload: { custom_details: { num_resolved: '1' } } }],
    ]);
  });

  it('OpsGenie: an alert, and its closing under the same alias', async () => {
    await route(`opsgenie_configs: [{ api_url: '${origin()}', api_key_file: ${PREFIX}genie-key, priority: P1 }]`);
    await fire(A);
    await world().until(1);
    await resolve(A);
    await world().until(400);
    const alias = createHash('sha256').update(GROUP_KEY).digest('hex');
    expect(got.map(({ path }) => path)).toEqual(['/v2/alerts', `/v2/alerts/${alias}/close?identifierType=alias`]);
    expect(got[0]?.headers.authorization).toBe(`GenieKey ${SECRETS['genie-key']}`);
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ alias, priority: 'P1', details: A });
  });
});

describe('texts of a receiver are templates', () => {
  const bodies = () => got.map(({ body }) => JSON.parse(body));
  const of = (configs: string) =>
    asked('POST /v1/routes', {
      yaml: `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 5m, repeat_interval: 1h }
template_files:
  ours.tmpl: '{{ define "ours" }}{{ range .Alerts }}{{ .Labels.vm }}: {{ .Annotations.summary }}{{ end }}{{ end }}'
receivers: [{ name: team, ${configs.replaceAll('\n', ' ')} }]
`,
    });
  const slackWith = (texts: string) => of(`slack_configs: [{ api_url_file: ${PREFIX}slack, ${texts} }]`);

  it('and are told of the alerts, by templates of the routing, too', async () => {
    await slackWith(`title: '{{ .Status | toUpper }}', text: '{{ template "ours" . }}', color: 'c'`);
    await fire(A, { annotations: { summary: 'no {{ .Secrets }}' } });
    await world().until(1);
    expect(bodies()).toMatchObject([{ attachments: [{ title: 'FIRING', text: 'a: no {{ .Secrets }}', color: 'c' }] }]);
    expect((await channels()).items[0]).not.toHaveProperty('textsWrong');
  });

  it('and one that fails keeps nobody from being told: its usual words are, with what is wrong, and its health says so', async () => {
    await of(`
slack_configs: [{ api_url_file: ${PREFIX}slack, title: '{{ .Nothing }}', text: '{{ .Status }}' }],
pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key, description: '{{ template "none" }}', severity: '{{ .Status }}' }],
opsgenie_configs: [{ api_url: '${origin()}', api_key_file: ${PREFIX}genie-key, details: { a: '{{ index .Alerts 7 }}' } }],
webhook_configs: [{ url: '${origin()}/hook' }]`);
    await fire(A);
    await world().until(1);
    const wrong = expect.stringContaining('template ');
    const by = (path: string) =>
      got.filter((each) => each.path.startsWith(path)).map(({ body }) => JSON.parse(body))[0];
    expect(by('/services').attachments).toMatchObject([
      { title: '[FIRING:1] Down (critical a)', text: 'firing', fields: [{ title: 'Template error', value: wrong }] },
    ]);
    expect(by('/v2/enqueue').payload).toMatchObject({
      summary: '[FIRING:1] Down (critical a)',
      severity: 'firing',
      custom_details: { template_error: 'template description, line 1, column 4: there is no template "none"' },
    });
    expect(by('/v2/alerts')).toMatchObject({ details: { template_error: wrong } });
    expect(by('/hook')).toMatchObject({ status: 'firing' });
    const { items } = await channels();
    expect(items).toMatchObject([
      { way: 'webhook[0]' },
      ...['slack', 'pagerduty', 'opsgenie'].map(() => ({ textsWrong: wrong })),
    ]);
    expect(items[0]).not.toHaveProperty('textsWrong');
    expect(await asked('POST /v1/channels/actions/test', { receiver: 'team' })).toMatchObject({
      items: [
        { way: 'webhook[0]', outcome: 'took' },
        { outcome: 'took', why: expect.stringMatching(/^in other words: template title/) },
        { outcome: 'took' },
        { outcome: 'took' },
      ],
    });
  });

  it('and one that is none is refused with its place', async () => {
    const refused = await call('POST /v1/routes', {
      token,
      body: {
        yaml: 'route: { receiver: r }\nreceivers:\n  - name: r\n    slack_configs:\n      - api_url_file: /x\n        title: "{{ .Status"',
      },
    });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            pointer: '/yaml',
            detail: expect.stringMatching(
              /^line 6, receivers\[0\].slack_configs\[0\].title: template title, line 1, column 11: /,
            ),
          },
        ],
      },
    });
  });

  describe('that are shown without being told,', () => {
    const shown = (body: object) => asked('POST /v1/channels/actions/preview', { receiver: 'team', ...body });
    const texts = `title: '{{ .CommonLabels.alertname }}', text: '{{ .Nothing }}'`;

    it('of a made-up alert', async () => {
      await slackWith(texts);
      expect(await shown({ labels: { alertname: 'Mine' } })).toEqual({
        items: [
          { way: 'slack[0]', field: 'message.texts.title', text: 'Mine' },
          { way: 'slack[0]', field: 'message.texts.text', wrong: expect.stringContaining('has no Nothing') },
        ],
      });
      expect(got).toEqual([]);
    });

    it('of those that there are', async () => {
      await slackWith(texts);
      const none = await call('POST /v1/channels/actions/preview', { token, body: { receiver: 'team', live: true } });
      expect(none).toMatchObject({ status: 400, body: { errors: [{ pointer: '/live' }] } });
      await fire(A);
      await world().until(1);
      expect(await shown({ live: true })).toMatchObject({ items: [{ text: 'Down' }, {}] });
    });

    it('by a template of the request', async () => {
      await slackWith(texts);
      const body = { template: '{{ template "ours" . }}!', labels: { vm: 'b' }, annotations: { summary: 's' } };
      expect(await shown(body)).toEqual({ items: [{ field: 'texts.template', text: 'b: s!' }] });
      expect(await shown({ template: '{{' })).toMatchObject({
        items: [{ wrong: expect.stringContaining('not closed') }],
      });
    });
  });
});

describe('a secret', () => {
  const withToken = () => webhookWith(`http_config: { authorization: { credentials_file: ${PREFIX}token } }`);

  it('is read once in five minutes, and anew after a refusal', async () => {
    await withToken();
    await fire(A);
    await fire({ ...A, alertname: 'Else' });
    await world().until(1);
    expect(parameters.mock.commandCalls(GetParameterCommand)).toHaveLength(1);
    parameters.values.set(`${PREFIX}token`, 'another-token-by-now');
    answer(401);
    await fire({ ...A, vm: 'b' });
    await world().until(301);
    answer(200);
    await world().until(700);
    expect(got.at(-1)?.headers.authorization).toBe('Bearer another-token-by-now');
  });

  it.each<[string, () => void, RegExp]>([
    ['is not there', () => parameters.values.delete(`${PREFIX}token`), /token cannot be read: ParameterNotFound$/],
    ['is empty', () => parameters.values.set(`${PREFIX}token`, ' \n'), /token is empty$/],
    [
      'is no SecureString',
      () => {
        parameters.type = 'String';
      },
      /token is no SecureString$/,
    ],
  ])('that %s is named, and what needs it is not sent', async (_, spoil, why) => {
    await withToken();
    spoil();
    await fire(A);
    await world().until(1);
    expect(got).toEqual([]);
    expect((await channels()).items).toMatchObject([{ failing: { why: expect.stringMatching(why) } }]);
  });

  it('that signs nothing is named', async () => {
    await webhookWith(`signing_secret_file: ${PREFIX}token`);
    await fire(A);
    await world().until(1);
    expect(got).toEqual([]);
    expect((await channels()).items[0]?.failing?.why).toMatch(/token is to hold whsec_/);
  });

  it('stands in no row, no log, no answer and no notice, whatever receivers say over', async () => {
    await route(`
webhook_configs:
  - url: '${origin()}/hook'
    signing_secret_file: ${PREFIX}signing
    http_config: { authorization: { credentials_file: ${PREFIX}token } }
  - url: '${origin()}/hook'
    http_config: { basic_auth: { username: anna, password_file: ${PREFIX}password } }
  - url_file: ${PREFIX}slack
slack_configs: [{ api_url_file: ${PREFIX}slack }]
pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key }]
opsgenie_configs: [{ api_url: '${origin()}', api_key_file: ${PREFIX}genie-key }]
`);
    server.answer = async (request, response) => {
      got.push({ path: request.url ?? '', headers: request.headers, body: await text(request) });
      const { authorization = '' } = request.headers;
      const { routing_key = '' } = JSON.parse(got.at(-1)?.body ?? '{}');
      response.writeHead(500).end(`No ${request.url} ${authorization} ${routing_key} ${got.at(-1)?.body}`);
    };
    await fire(A);
    await world().until(700);
    // A webhook that is away for ten minutes is told of, in the same words.
    expect(world().notices.length).toBeGreaterThan(0);
    expect(got.length).toBeGreaterThan(12);
    const shown = await channels();
    expect(JSON.stringify(shown)).toContain('<secret>');
    const secrets = { ...SECRETS, slack: 's1ackSecretPath', basic: `anna:${SECRETS.password}` };
    // What was sent holds them: the test would see them elsewhere.
    const places = { rows: [...state.rows.values()], shown, notices: world().notices, logged };
    const all = Object.entries(places).map(([place, what]) => ({ place, data: Buffer.from(JSON.stringify(what)) }));
    expect(leaksOf(all, secrets)).toEqual([]);
    expect(leaksOf([{ place: 'sent', data: Buffer.from(JSON.stringify(got)) }], secrets).length).toBeGreaterThan(3);
    expect(logged.length).toBeGreaterThan(0);
  });
});

describe('a test of a receiver', () => {
  const tried = async (receiver: string) => {
    const { items } = (await asked('POST /v1/channels/actions/test', { receiver })) as { items: object[] };
    return items;
  };

  it('tells each way of a test alert, and of its end, and says what came of it; no alert is kept', async () => {
    await route(`
webhook_configs: [{ url: '${origin()}/hook', signing_secret_file: ${PREFIX}signing }, { url_file: ${PREFIX}missing }]
slack_configs: [{ api_url_file: ${PREFIX}slack }, { api_url_file: /novacron/unit/slack-webhook }]
pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key }, { routing_key: k3y }]
`);
    const before = state.rows.size;
    expect(await tried('team')).toEqual([
      { way: 'webhook[0]', outcome: 'took' },
      { way: 'webhook[1]', outcome: 'did-not-take', why: expect.stringMatching(/missing cannot be read/) },
      { way: 'slack[2]', outcome: 'took' },
      { way: 'slack[3]', outcome: 'did-not-take', why: expect.stringMatching(/^EVENTS cannot be reached/) },
      { way: 'pagerduty[4]', outcome: 'took' },
      { way: 'pagerduty_configs[1]', outcome: 'not-asked', why: expect.stringContaining('routing_key') },
    ]);
    const of = (path: string) => got.filter((each) => each.path === path).map(({ body }) => JSON.parse(body));
    expect(of('/hook')).toMatchObject([{ status: 'firing' }, { status: 'resolved' }]);
    const [trigger, resolution] = of('/v2/enqueue');
    expect(trigger).toMatchObject({ event_action: 'trigger', dedup_key: resolution.dedup_key });
    expect(resolution).toMatchObject({ event_action: 'resolve' });
    expect(JSON.stringify(of('/services/T0/B0/s1ackSecretPath'))).toContain('asked for by operator. Nothing is wrong.');
    expect(await asked('GET /api/v2/alerts')).toEqual([]);
    // The word of the audit, and of the request, alone.
    const rows = [...state.rows.values()].slice(before);
    expect(
      rows.filter((row) => /alert|agr-/.test(JSON.stringify(row)) && !/test-channel/.test(JSON.stringify(row))),
    ).toEqual([]);
    expect(leaksOf([{ place: 'rows', data: Buffer.from(JSON.stringify(rows)) }], SECRETS)).toEqual([]);
  });

  it('that there is none of is refused by its name', async () => {
    const refused = await call('POST /v1/channels/actions/test', { token, body: { receiver: 'nobody' } });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'InvalidRequest', errors: [{ pointer: '/receiver' }] },
    });
  });
});

describe('a receiver that asks to be left alone', () => {
  it('is not asked before its time, and is told then; another hears meanwhile', async () => {
    await route(`
webhook_configs: [{ url: '${origin()}/hook' }]
pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key }]
`);
    server.answer = async (request, response) => {
      got.push({ path: request.url ?? '', headers: request.headers, body: await text(request) });
      const isBusy = request.url === '/v2/enqueue' && Date.now() < world().begin + 900_000;
      response.writeHead(isBusy ? 429 : 200, { 'retry-after': '900' }).end();
    };
    await fire(A);
    await world().until(1);
    await fire({ ...A, vm: 'b' });
    await world().until(890);
    expect(got.map(({ path }) => path).toSorted()).toEqual(['/hook', '/hook', '/v2/enqueue']);
    expect((await channels()).items).toMatchObject([{}, { failing: { why: expect.stringContaining('answers 429') } }]);
    await world().until(1_000);
    expect(got.map(({ path }) => path).filter((path) => path === '/v2/enqueue')).toHaveLength(2);
    expect(JSON.parse(got.at(-1)?.body ?? '')).toMatchObject({ payload: { custom_details: { num_firing: '2' } } });
  });
});

describe('a receiver that is to be told what it was not told', () => {
  it('is told within the minute, though it asked to be left alone; another hears of nothing again', async () => {
    await route(`
webhook_configs: [{ url: '${origin()}/hook' }]
pagerduty_configs: [{ url: '${origin()}/v2/enqueue', routing_key_file: ${PREFIX}routing-key }]
`);
    const redeliver = () => asked('POST /v1/channels/actions/redeliver', { receiver: 'team' });
    let isBack = false;
    server.answer = async (request, response) => {
      got.push({ path: request.url ?? '', headers: request.headers, body: await text(request) });
      const isBusy = request.url === '/v2/enqueue' && !isBack;
      response.writeHead(isBusy ? 429 : 200, { 'retry-after': '3600' }).end();
    };
    await fire(A);
    await world().until(1);
    expect(got.map(({ path }) => path).toSorted()).toEqual(['/hook', '/v2/enqueue']);
    isBack = true;
    await world().until(250);
    expect(got).toHaveLength(2);
    expect(await redeliver()).toEqual({ groups: 1, left: 0, queues: [] });
    await world().until(310);
    expect(got.map(({ path }) => path)).toEqual([got[0]?.path, got[1]?.path, '/v2/enqueue']);
    expect(await redeliver()).toEqual({ groups: 0, left: 0, queues: [] });
  });

  it('is one of the routing, or it is said that it is none', async () => {
    await webhookWith('');
    const refused = await call('POST /v1/channels/actions/redeliver', { token, body: { receiver: 'nobody' } });
    expect(refused).toMatchObject({ status: 400, body: { detail: 'nobody is no receiver of the routing.' } });
  });
});

describe('no receiver of any kind is reached inward', () => {
  const INWARD = ['https://169.254.169.254/x', 'https://127.0.0.1/x', 'https://[::1]/x', 'https://10.0.0.1/x'];

  it.each<[string, (url: string) => string]>([
    ['slack', () => `slack_configs: [{ api_url_file: ${PREFIX}slack }]`],
    ['url_file', () => `webhook_configs: [{ url_file: ${PREFIX}slack }]`],
    ['pagerduty', (url) => `pagerduty_configs: [{ url: '${url}', routing_key_file: ${PREFIX}routing-key }]`],
    ['opsgenie', (url) => `opsgenie_configs: [{ api_url: '${url}', api_key_file: ${PREFIX}genie-key }]`],
  ])('%s', async (_, configs) => {
    for (const [index, url] of [...INWARD, server.named('rebound.example.org', '10.0.0.1')].entries()) {
      parameters.values.set(`${PREFIX}slack`, url);
      forget([`${PREFIX}slack`]);
      await route(configs(url));
      await fire({ ...A, alertname: `Down${index}` });
      await world().until(index + 1);
      const whys = (await channels()).items.map(({ failing }) => failing?.why ?? '');
      expect(whys, url).toEqual([expect.stringMatching(/not one to post to|rebound.*is at/)]);
    }
    expect(got).toEqual([]);
  });
});
