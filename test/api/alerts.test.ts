import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, insertProject, type Sent, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** Alertmanager's API v2 and the routing as a client meets them; what is told of alerts is test/alerting. */
const sqs = mockClient(SQSClient);

let state: StateTable;
let token: string;
beforeEach(async () => {
  sqs.reset();
  state = new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const asked = (line: string, body?: unknown, more: Sent = {}) =>
  call(line, { token, ...(body === undefined ? {} : { body }), ...more });
const json = async <T = unknown>(line: string, body?: unknown): Promise<T> => {
  const got = await asked(line, body);
  expect(got.status, JSON.stringify(got.body)).toBe(200);
  return got.body as T;
};
const refusals = async (line: string, body?: unknown): Promise<readonly string[]> => {
  const got = await asked(line, body);
  expect(got.status, JSON.stringify(got.body)).toBe(400);
  return got.body.errors.map(({ pointer }) => pointer);
};

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const down = { alertname: 'Down', vm: 'web-1', severity: 'page' };

describe('alerts', () => {
  it('are listed as they were posted, by their fingerprints, with who hears of them', async () => {
    const annotations = { summary: 'It is {{ down }}.' };
    await json('POST /api/v2/alerts', [{ labels: { ...down, empty: '' }, annotations, generatorURL: 'http://p/g' }]);
    expect(await json('GET /api/v2/alerts')).toEqual([
      {
        labels: down,
        annotations,
        generatorURL: 'http://p/g',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        receivers: [{ name: 'default' }],
        status: { state: 'active', silencedBy: [], inhibitedBy: [] },
        startsAt: expect.any(String),
        endsAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
    expect(state.of('alert')).toHaveLength(1);
    expect(await json('GET /api/v2/alerts/groups')).toMatchObject([
      { labels: { alertname: 'Down' }, receiver: { name: 'default' }, alerts: [{ labels: down }] },
    ]);
  });

  it('are filtered by matchers, given again and again, and by receiver', async () => {
    await json('POST /api/v2/alerts', [{ labels: down }, { labels: { ...down, vm: 'web-2' } }]);
    const found = async (query: string): Promise<string[]> =>
      (await json<{ labels: { vm: string } }[]>(`GET /api/v2/alerts?${query}`)).map(({ labels }) => labels.vm).sort();
    expect(await found(`filter=${encodeURIComponent('vm=~"web-.*"')}`)).toEqual(['web-1', 'web-2']);
    expect(await found(`filter=alertname%3DDown&filter=${encodeURIComponent('vm!="web-1"')}`)).toEqual(['web-2']);
    expect(await found('receiver=def.*')).toEqual(['web-1', 'web-2']);
    expect(await found('receiver=de')).toEqual([]);
    expect(await found('active=false')).toEqual([]);
  });

  it('that are good are taken where others are not, and each of these is named', async () => {
    const got = await asked('POST /api/v2/alerts', [
      { labels: down },
      { labels: {} },
      { labels: down, startsAt: '2026-11-25T11:00:00Z', endsAt: '2026-11-25T10:00:00Z' },
    ]);
    expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: '/1' }, { pointer: '/2' }] } });
    expect(await json('GET /api/v2/alerts')).toHaveLength(1);
  });

  it.each([
    ['a label of no name', [{ labels: { 'a-b': 'x' } }], '/0/labels/a-b'],
    ['a moment that is none', [{ labels: down, startsAt: 'NaN' }], '/0/startsAt'],
    ['a value that is no text', [{ labels: { ...down, count: Number.POSITIVE_INFINITY } }], '/0/labels/count'],
    ['what is no list', { labels: down }, ''],
    ['more than a thousand', Array.from({ length: 1001 }, () => ({ labels: down })), ''],
  ])('with %s are refused', async (_, body, pointer) => {
    expect(await refusals('POST /api/v2/alerts', body)).toContain(pointer);
    expect(state.of('alert')).toEqual([]);
  });

  it('of 10 MB are refused unread', async () => {
    const text = JSON.stringify([{ labels: down, annotations: { summary: 'x'.repeat(10 * 1024 * 1024) } }]);
    expect(
      await asked('POST /api/v2/alerts', undefined, { text, headers: { 'content-type': 'application/json' } }),
    ).toMatchObject({ status: 413 });
  });

  it.each(['filter=a', 'filter=%3D', 'filter=a%3D~%22(%22', 'receiver=('])('are not listed by %s', async (query) => {
    expect(await refusals(`GET /api/v2/alerts?${query}`)).toEqual([`query/${query.split('=')[0]}`]);
  });

  it('are one with what was known of them where they overlap', async () => {
    const startsAt = new Date(Date.now() - 600_000).toISOString();
    await json('POST /api/v2/alerts', [{ labels: down, startsAt, endsAt: inAnHour() }]);
    await json('POST /api/v2/alerts', [{ labels: down, startsAt: new Date().toISOString(), endsAt: inAnHour() }]);
    expect(await json('GET /api/v2/alerts')).toMatchObject([{ startsAt }]);
    await json('POST /api/v2/alerts', [{ labels: down, startsAt, endsAt: new Date().toISOString() }]);
    expect(await json('GET /api/v2/alerts')).toEqual([]);
  });

  it('of another project are nobody else’s', async () => {
    await insertProject({ id: 'shop' });
    await json('POST /api/v2/alerts', [{ labels: down }]);
    const theirs = await signIn('viewer', { id: 'tok-0000000000009999', project: 'shop', system: false });
    expect(await call('GET /api/v2/alerts', { token: theirs })).toMatchObject({ status: 200, body: [] });
  });
});

const silence = (more = {}) => ({
  matchers: [{ name: 'vm', value: 'web-.*', isRegex: true, isEqual: true }],
  startsAt: new Date(Date.now() - 1_000).toISOString(),
  endsAt: inAnHour(),
  createdBy: 'anna',
  comment: 'works',
  ...more,
});

describe('silences', () => {
  const made = async (more = {}): Promise<string> =>
    (await json<{ silenceID: string }>('POST /api/v2/silences', silence(more))).silenceID;

  it('begin now at the earliest, keep alerts quiet, and end when they are ended', async () => {
    const id = await made();
    await json('POST /api/v2/alerts', [{ labels: down }]);
    expect(await json('GET /api/v2/alerts')).toMatchObject([{ status: { state: 'suppressed', silencedBy: [id] } }]);
    expect(await json(`GET /api/v2/silence/${id}`)).toMatchObject({
      id,
      status: { state: 'active' },
      comment: 'works',
    });
    expect((await asked(`DELETE /api/v2/silence/${id}`)).status).toBe(200);
    expect(await json('GET /api/v2/silences')).toMatchObject([{ id, status: { state: 'expired' } }]);
    expect(await json('GET /api/v2/alerts')).toMatchObject([{ status: { state: 'active' } }]);
    expect((await asked(`DELETE /api/v2/silence/${id}`)).status).toBe(200);
  });

  it('are changed in place where nothing that was silenced changes, else replaced', async () => {
    const id = await made();
    const { startsAt } = await json<{ startsAt: string }>(`GET /api/v2/silence/${id}`);
    expect(await made({ id, startsAt, comment: 'longer' })).toBe(id);
    expect(await json(`GET /api/v2/silence/${id}`)).toMatchObject({ comment: 'longer' });
    const other = await made({ id, startsAt, matchers: [{ name: 'vm', value: 'web-1', isRegex: false }] });
    expect(other).not.toBe(id);
    expect(await json('GET /api/v2/silences')).toMatchObject([
      { id: other, status: { state: 'active' }, matchers: [{ isEqual: true }] },
      { id, status: { state: 'expired' } },
    ]);
  });

  it('are listed by what ends first, those to come behind, and found by their matchers', async () => {
    const soon = await made({ endsAt: new Date(Date.now() + 60_000).toISOString() });
    const later = await made();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const pending = await made({ startsAt: tomorrow, endsAt: new Date(Date.now() + 90_000_000).toISOString() });
    const ids = (await json<{ id: string }[]>('GET /api/v2/silences')).map(({ id }) => id);
    expect(ids).toEqual([soon, later, pending]);
    expect(await json(`GET /api/v2/silences?filter=${encodeURIComponent('vm="web-.*"')}`)).toHaveLength(3);
    expect(await json('GET /api/v2/silences?filter=vm%3Ddb')).toEqual([]);
  });

  it.each([
    ['end before they begin', { endsAt: '2026-11-25T09:00:00Z' }, '/endsAt'],
    ['are over already', { startsAt: '2026-11-25T09:00:00Z', endsAt: '2026-11-25T09:30:00Z' }, '/endsAt'],
    ['fit everything', { matchers: [{ name: 'vm', value: '.*', isRegex: true }] }, '/matchers'],
    ['have no matcher', { matchers: [] }, '/matchers'],
    ['have no expression', { matchers: [{ name: 'vm', value: '(', isRegex: true }] }, '/matchers/0/value'],
  ])('that %s are refused', async (_, more, pointer) => {
    expect(await refusals('POST /api/v2/silences', silence(more))).toContain(pointer);
  });

  it('that there are not are not found', async () => {
    const line = 'silence/01930000-0000-7000-8000-000000000000';
    expect(await asked(`GET /api/v2/${line}`)).toMatchObject({ status: 404, body: { code: 'SilenceNotFound' } });
    expect(await asked(`DELETE /api/v2/${line}`)).toMatchObject({ status: 404 });
    expect(await asked('POST /api/v2/silences', silence({ id: line.slice(8) }))).toMatchObject({ status: 404 });
  });
});

const ROUTING = `# mine
route:
  receiver: team
  routes:
    - matchers: [severity="page"]
      receiver: pager
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/x' }]
  - name: pager
    pagerduty_configs: [{ routing_key: k3y-of-pagerduty }]
    slack_configs: [{ api_url: 'https://hooks.slack.com/services/T/B/s3cret' }]
`;

describe('the routing', () => {
  it('is what goes without saying until one is written, and then that, with its ETag', async () => {
    const before = await asked('GET /v1/routes');
    expect(before).toMatchObject({ status: 200, headers: { etag: '"0"' }, body: { version: 0, undelivered: [] } });
    expect(await asked('POST /v1/routes', { yaml: ROUTING }, { headers: { 'if-match': '"0"' } })).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
    });
    const again = await asked('POST /v1/routes', { yaml: ROUTING }, { headers: { 'if-match': '"0"' } });
    expect(again).toMatchObject({ status: 412 });
    expect(await json('GET /api/v2/receivers')).toEqual([{ name: 'team' }, { name: 'pager' }]);
    expect(await json('GET /api/v2/status')).toMatchObject({ versionInfo: { version: '0.25.0' } });
  });

  it('is kept and shown without its secrets, and tells what leads nowhere', async () => {
    const view = await json<{ yaml: string }>('POST /v1/routes', { yaml: ROUTING });
    expect(view).toMatchObject({
      undelivered: [
        { receiver: 'pager', place: 'slack_configs[0]' },
        { receiver: 'pager', place: 'pagerduty_configs[0]' },
      ],
    });
    expect(view.yaml).toContain('# mine');
    const everything = JSON.stringify([...state.rows.values()]);
    for (const secret of ['k3y-of-pagerduty', 's3cret']) {
      expect(view.yaml).not.toContain(secret);
      expect(everything).not.toContain(secret);
    }
    // What is shown can be written again.
    expect(await json('POST /v1/routes', { yaml: view.yaml })).toMatchObject({ version: 2, yaml: view.yaml });
  });

  it('tells where an alert would go, and why', async () => {
    await json('POST /v1/routes', { yaml: ROUTING });
    expect(await json('POST /v1/routes/actions/test', { labels: { severity: 'info', alertname: 'X' } })).toMatchObject({
      receivers: ['team'],
      routes: [
        { route: '0', receiver: 'team', answer: 'receives', groupKey: '{}:{}' },
        { route: '0.0', receiver: 'pager', answer: 'refuses', refusedBy: ['severity="page"'] },
      ],
    });
  });

  it.each([
    ['route: {}', 'route.receiver'],
    ['route: { receiver: a }\nreceivers: [{ name: b }]', 'route.receiver'],
    ['route: { receiver: a, matchers: [x=y] }\nreceivers: [{ name: a }]', 'route.matchers'],
    ['route: { receiver: a, routes: [{ matchers: ["x=~("] }] }\nreceivers: [{ name: a }]', 'route.routes[0].matchers'],
    ['route: { receiver: a, grup_by: [x] }\nreceivers: [{ name: a }]', 'grup_by'],
    ['route: [', ''],
    ['a: &a [*a, *a]', ''],
  ])('that reads %s is refused, naming the place and its line', async (yaml, place) => {
    const got = await asked('POST /v1/routes', { yaml });
    expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: '/yaml' }] } });
    expect(JSON.stringify(got.body.errors)).toContain(place);
    expect(JSON.stringify(got.body.errors)).toMatch(/line \d+/);
    expect(state.of('routing')).toEqual([]);
  });
});
