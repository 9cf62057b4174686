import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forget } from '../../lambdas/alerting/receivers/secrets.ts';
import type * as webhook from '../../lambdas/alerting/receivers/webhook.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { type FeedServer, feedServer } from '../support/feed-server.ts';
import { Parameters } from '../support/parameters.ts';
import {
  type BotCall,
  type Button,
  botCallOf,
  buttonsOf,
  pressOf,
  SlackMessages,
  signedForm,
} from '../support/slack-bot-api.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to what a Slack of our own is asked by a bot, over real HTTPS. */
let server: FeedServer;
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => {
  const real = await original<typeof webhook>();
  const postWebhook: typeof real.postWebhook = (url, body, more) => real.postWebhook(url, body, more, server.net());
  return { ...real, postWebhook };
});

const PREFIX = '/novacron/unit/receivers/default/';
const TOKEN = 'xoxb-token-of-a-bot';

const world = alertWorld();
const parameters = new Parameters();
let asked: BotCall[] = [];
let messages: SlackMessages;
/** What the next requests are answered, before any is taken. */
let refusals: (object | number)[];
let token: string;
let state: StateTable;

beforeAll(async () => {
  server = await feedServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  state = new StateTable();
  asked = [];
  messages = new SlackMessages();
  refusals = [];
  parameters.values.set(`${PREFIX}bot`, TOKEN);
  forget([`${PREFIX}bot`]);
  server.answer = async (request, response) => {
    const one = botCallOf(request, await text(request));
    asked.push(one);
    const refusal = refusals.shift();
    if (typeof refusal === 'number') response.writeHead(refusal, { 'retry-after': '120' }).end();
    else response.end(JSON.stringify(refusal ?? messages.take(one)));
  };
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await ok('POST /v1/routes', { yaml: yaml() });
});

const ok = async (line: string, body?: unknown) => {
  const got = await call(line, { token, ...(body === undefined ? {} : { body }) });
  expect(got.status, JSON.stringify(got.body)).toBe(200);
  return got.body as never;
};
const yaml = (more = '') => `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1m, repeat_interval: 1h }
receivers:
  - name: team
    slack_configs:
      - api_url: ${new URL(server.url).origin}/api/chat.postMessage
        channel: '#alerts'
        send_resolved: true${more}
        http_config: { authorization: { credentials_file: ${PREFIX}bot } }
`;
const A = { alertname: 'Down', vm: 'a', severity: 'critical' };
const B = { ...A, vm: 'b <!here>' };
const fire = (labels: Record<string, string>) =>
  ok('POST /api/v2/alerts', [
    { labels, startsAt: new Date(Date.now()).toISOString(), endsAt: '2026-11-25T20:00:00.000Z' },
  ]);
const resolve = (labels: Record<string, string>) =>
  ok('POST /api/v2/alerts', [{ labels, endsAt: new Date(Date.now()).toISOString() }]);
const methods = () =>
  asked.map(({ method, body }) => `${method}${body.thread_ts ? ' in thread' : ''}`.replace('chat.', ''));
/** What waits for nothing is done. */
const soon = () => world().until((Date.now() - world().begin) / 1_000);
const failing = async () =>
  ((await ok('GET /v1/channels')) as { items: { failing?: { why: string } }[] }).items.map(
    ({ failing: so }) => so?.why,
  );

describe('a bot of Slack', () => {
  it('tells of a group by one message that is changed in place, and of each change in its thread', async () => {
    await fire(A);
    await world().until(1);
    await fire(B);
    await world().until(100);
    await resolve(A);
    await resolve(B);
    await world().until(200);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread', 'update', 'postMessage in thread']);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    const [first] = asked;
    expect(first?.body).toMatchObject({ channel: '#alerts', text: ':rotating_light: [FIRING:1] Down' });
    expect(JSON.stringify(first?.body)).toContain('/v1/answers?token=default.agr-');
    expect(asked.slice(1).map(({ body }) => body.channel)).toEqual(Array(4).fill('C0ALERTS'));
    expect(new Set(asked.slice(1).map(({ body }) => body.ts ?? body.thread_ts))).toEqual(new Set(['170000000.000100']));
    expect(asked.map(({ body }) => body.attachments?.[0].color)).toEqual([
      '#d92626',
      '#d92626',
      undefined,
      '#2eb886',
      undefined,
    ]);
    expect(asked[3]?.body.text).toBe(':white_check_mark: [RESOLVED:2] Down');
    expect(JSON.stringify(asked[1]?.body)).toContain('b &lt;!here&gt;');
    expect(JSON.stringify(asked[3]?.body)).not.toContain('/v1/answers');
  });

  it('shows a digest with a link to take it on, and none where nothing fires; never with buttons', async () => {
    const limit = `
        signing_secret_file: ${PREFIX}signing
        rate_limit: { notifications: 1, per: 5m }`;
    await ok('POST /v1/routes', { yaml: yaml(limit).replace('[alertname]', '[vm]') });
    for (const vm of ['a', 'b', 'c']) await fire({ ...A, severity: 'warning', vm });
    await world().until(400);
    const [, digest] = asked.map(({ body }) => JSON.stringify(body));
    expect(digest).toMatch(/\/v1\/answers\?token=default\.alw-[^|]+\|Acknowledge>/);
    expect(digest).not.toContain('silence-1h');
    for (const vm of ['b', 'c']) await resolve({ ...A, severity: 'warning', vm });
    await world().until(1_000);
    expect(JSON.stringify(asked.at(-1)?.body)).toContain('0 fire and 2 are over');
    expect(JSON.stringify(asked.at(-1)?.body)).not.toContain('Acknowledge');
  });

  it('shows that all of it is taken on', async () => {
    await fire(A);
    await world().until(1);
    const [{ fingerprint }] = (await ok('GET /api/v2/alerts')) as [{ fingerprint: string }];
    await ok(`POST /v1/alerts/${fingerprint}/actions/acknowledge`, { until: '2026-11-25T10:30:00.000Z' });
    await fire(B);
    await world().until(100);
    for (const each of (await ok('GET /api/v2/alerts')) as { fingerprint: string }[])
      await ok(`POST /v1/alerts/${each.fingerprint}/actions/acknowledge`, {});
    await resolve(B);
    await world().until(200);
    expect(asked.at(-2)?.body).toMatchObject({
      text: ':eyes: [FIRING:1] Down',
      attachments: [{ color: '#daa038' }],
    });
  });

  const fingerprints = async (): Promise<string[]> =>
    ((await ok('GET /api/v2/alerts')) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
  const act = async (deed: string, body: object | undefined, headers?: Record<string, string>) => {
    const [fingerprint] = await fingerprints();
    const got = await call(`POST /v1/alerts/${fingerprint}/actions/${deed}`, {
      token,
      ...(body ? { body } : {}),
      ...(headers ? { headers } : {}),
    });
    expect(got.status, JSON.stringify(got.body)).toBe(200);
    await soon();
  };
  const replies = () => asked.flatMap(({ body }) => (body.thread_ts ? [body.text] : []));

  it('shows at once what people do about an alert, and says so in its thread; a deed that is asked for twice is one', async () => {
    await fire(A);
    await world().until(1);
    const until = '2026-11-25T10:30:00.000Z';
    const once = { 'idempotency-key': 'a-deed-of-one-person' };
    await act('acknowledge', { until, comment: 'on it <!here>' }, once);
    await act('acknowledge', { until, comment: 'on it <!here>' }, once);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread']);
    expect(asked[1]?.body).toMatchObject({ ts: '170000000.000100', text: ':eyes: [FIRING:1] Down' });
    expect(JSON.stringify(asked[1]?.body)).toContain(`taken on by operator until ${until}`);
    expect(JSON.stringify(asked[1]?.body)).toContain('/v1/answers?token=default.agr-');
    await act('unacknowledge', undefined);
    expect(asked[3]?.body).toMatchObject({ text: ':rotating_light: [FIRING:1] Down' });
    await act('assign', { to: 'anna' });
    await act('assign', {});
    await act('comment', { comment: 'the fan is dead' });
    expect(replies()).toEqual([
      `Taken on by operator until ${until}: on it &lt;!here&gt;`,
      'Given back by operator',
      'Assigned to anna by operator',
      'Assigned to nobody by operator',
      'operator: the fan is dead',
    ]);
  });

  it('shows what was taken on by a link, all of it by one reply', async () => {
    await fire(A);
    await world().until(1);
    await fire(B);
    await world().until(100);
    const link = /\/v1\/answers\?token=[\w.-]+/.exec(JSON.stringify(asked[1]?.body))?.[0];
    expect((await call(`POST ${link}&for=1h`, {})).status).toBe(200);
    await soon();
    expect(asked.at(-2)?.body.text).toBe(':eyes: [FIRING:2] Down');
    expect(replies().at(-1)).toBe('Taken on by link sent to team/slack-bot[0] until 2026-11-25T11:01:40.000Z');
    expect(asked).toHaveLength(5);
    expect((await call(`POST ${link}&for=1h`, {})).status).toBe(200);
    await soon();
    expect(asked).toHaveLength(5);
  });

  it('shows nothing of what it was not told, and nothing once all that it was told of is over', async () => {
    await fire(A);
    await world().until(1);
    await fire(B);
    const [a] = await fingerprints();
    await act('acknowledge', {});
    expect(JSON.stringify(asked.at(-2)?.body)).not.toContain('&lt;!here&gt;');
    await resolve(A);
    const before = asked.length;
    await ok(`POST /v1/alerts/${a}/actions/comment`, { comment: 'late' });
    await soon();
    expect(asked).toHaveLength(before);
    await world().until(100);
    expect(asked.at(-2)?.body.text).toBe(':rotating_light: [FIRING:1] Down');
    expect(JSON.stringify(asked.at(-2)?.body)).toContain('&lt;!here&gt;');
  });

  it('leaves as it is what another routing tells elsewhere by now', async () => {
    await fire(A);
    await world().until(1);
    const [a] = await fingerprints();
    await ok(`POST /v1/alerts/${a}/actions/acknowledge`, {});
    await ok('POST /v1/routes', { yaml: 'route: { receiver: none }\nreceivers: [{ name: none }]\n' });
    await soon();
    await act('unacknowledge', undefined);
    await world().until(100);
    expect(methods()).toEqual(['postMessage']);
  });

  it('leaves a message that is gone to the next word, and what Slack did not take, too', async () => {
    await fire(A);
    await world().until(1);
    refusals = [{ ok: false, error: 'message_not_found' }];
    await act('acknowledge', {});
    refusals = [500];
    await act('unacknowledge', undefined);
    expect(methods()).toEqual(['postMessage', 'update', 'update']);
    expect(await failing()).toEqual([undefined]);
  });

  it('begins another message when the group fires again after its end', async () => {
    await fire(A);
    await world().until(1);
    await resolve(A);
    await world().until(100);
    await fire(A);
    await world().until(200);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread', 'postMessage']);
  });

  it.each(['message_not_found', 'channel_not_found', 'edit_window_closed'])(
    'tells anew where its message is gone: %s',
    async (error) => {
      await fire(A);
      await world().until(1);
      await fire(B);
      refusals = [{ ok: false, error }];
      await world().until(100);
      await resolve(A);
      await world().until(200);
      expect(methods()).toEqual(['postMessage', 'update', 'postMessage', 'update', 'postMessage in thread']);
      expect(asked.at(-2)?.body.ts).toBe('170000001.000100');
    },
  );

  it.each<[string, (object | number)[], RegExp]>([
    ['ratelimited', [{ ok: false, error: 'ratelimited' }], /^Slack answers: ratelimited$/],
    ['429', [429], /answers 429$/],
    ['500', [500], /answers 500$/],
  ])('is asked again where that may pass: %s', async (_, answers, why) => {
    refusals = answers;
    await fire(A);
    await world().until(1);
    expect(await failing()).toEqual([expect.stringMatching(why)]);
    await world().until(125);
    expect(methods()).toEqual(['postMessage', 'postMessage']);
    expect(await failing()).toEqual([undefined]);
  });

  it.each([
    ['channel_not_found', { ok: false, error: 'channel_not_found' }],
    ['invalid_auth', { ok: false, error: 'invalid_auth' }],
    ['no_answer_of_slack', { hello: 'world' }],
    ['no_answer_of_slack', { ok: false, error: `${TOKEN} <!here>` }],
  ])('says why it did not take it, by the name alone: %s', async (error, said) => {
    refusals = [said];
    await fire(A);
    await world().until(1);
    expect(await failing()).toEqual([`Slack answers: ${error}`]);
    expect(methods()).toEqual(['postMessage']);
  });

  it('uses a token that was changed at once where the old one is refused', async () => {
    refusals = [{ ok: false, error: 'token_revoked' }];
    await fire(A);
    await world().until(1);
    parameters.values.set(`${PREFIX}bot`, 'xoxb-another');
    await world().until(100);
    expect(asked.at(-1)?.authorization).toBe('Bearer xoxb-another');
  });

  it('whose reply was lost says it again in the same thread, and no message twice', async () => {
    await fire(A);
    await world().until(1);
    await fire(B);
    const before = server.answer;
    let count = 0;
    server.answer = (request, response) => {
      count += 1;
      if (count === 2) request.socket.destroy();
      else before(request, response);
    };
    await world().until(150);
    expect(methods()).toEqual(['postMessage', 'update', 'update', 'postMessage in thread']);
    expect([...messages.all.values()].filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
  });

  it('is tried with a message and its end', async () => {
    expect(await ok('POST /v1/channels/actions/test', { receiver: 'team' })).toEqual({
      items: [{ way: 'slack-bot[0]', outcome: 'took' }],
    });
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread']);
  });

  it('is shown in the file as it was written: the address is no secret', async () => {
    expect(((await ok('GET /v1/routes')) as { yaml: string }).yaml).toBe(yaml());
  });
});

describe('a button below a message of a bot', () => {
  const SIGNING = 's1gning-secret-of-slack';
  beforeEach(async () => {
    parameters.values.set(`${PREFIX}signing`, SIGNING);
    forget([`${PREFIX}signing`]);
    await ok('POST /v1/routes', { yaml: yaml(`\n        signing_secret_file: ${PREFIX}signing`) });
  });

  const buttons = (): Button[] => buttonsOf(asked.findLast(({ body }) => body.attachments)?.body);
  const buttonOf = (id: string): Button =>
    buttons().find(({ action_id }) => action_id === id) ?? { action_id: id, value: '' };
  const press = async (said: object, { secret = SIGNING, secondsAgo = 0 } = {}) => {
    const got = await call('POST /v1/slack/interactions', signedForm(said, secret, Date.now() - secondsAgo * 1_000));
    await soon();
    return got;
  };
  const takenOnBy = async () =>
    ((await ok('GET /api/v2/alerts')) as { acknowledged?: { by: string } }[]).map(
      ({ acknowledged }) => acknowledged?.by,
    );
  const silences = async () => (await ok('GET /api/v2/silences')) as { id: string }[];

  it('takes on what fires, says by whom, and changes the message; another time it changes nothing', async () => {
    await fire(A);
    await world().until(1);
    expect(buttons().map(({ action_id }) => action_id)).toEqual(['acknowledge', 'silence-1h', 'silence-4h']);
    const pressed = pressOf(buttonOf('acknowledge'));
    expect((await press(pressed)).status).toBe(200);
    expect(await takenOnBy()).toEqual(['slack:anna']);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread']);
    expect(asked[1]?.body).toMatchObject({ ts: '170000000.000100', text: ':eyes: [FIRING:1] Down' });
    expect(asked[2]?.body.text).toBe('Taken on by slack:anna');
    const entries = () => state.of('audit').filter(({ action }) => action === 'answer-from-slack');
    expect(entries()).toMatchObject([{ by: 'slack:U1ANNA', role: 'operator', outcome: 'done', project: 'default' }]);
    expect((await press(pressed)).status).toBe(200);
    expect(entries()).toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  it('silences what fires by exact matchers of what it has alike, once for each press', async () => {
    await fire(A);
    await world().until(1);
    const pressed = pressOf(buttonOf('silence-4h'));
    expect((await press(pressed)).status).toBe(200);
    expect((await press(pressed)).status).toBe(200);
    expect(methods()).toEqual(['postMessage', 'update', 'postMessage in thread']);
    expect(await silences()).toMatchObject([
      {
        createdBy: 'slack:anna',
        comment: 'By a button of Slack, by slack:U1ANNA.',
        startsAt: '2026-11-25T10:00:01.000Z',
        endsAt: '2026-11-25T14:00:01.000Z',
        matchers: Object.entries(A)
          .sort()
          .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
      },
    ]);
    expect(asked[2]?.body.text).toBe('Silenced for 4 h by slack:anna');
    expect(asked).toHaveLength(3);
    const another = pressOf(buttonOf('silence-1h'), {
      actions: [{ ...buttonOf('silence-1h'), action_ts: '1700000009.000200' }],
    });
    expect((await press(another)).status).toBe(200);
    expect(await silences()).toHaveLength(2);
  });

  it.each<[string, (button: Button) => ReturnType<typeof press>]>([
    ['another secret', (button) => press(pressOf(button), { secret: 'x' })],
    ['a time that has passed', (button) => press(pressOf(button), { secondsAgo: 301 })],
    ['a token that was cut', (button) => press(pressOf({ ...button, value: button.value.slice(0, -1) }))],
    ['no token', (button) => press(pressOf({ ...button, value: '' }))],
    ['a button that is none of ours', (button) => press(pressOf({ ...button, action_id: 'delete' }))],
    ['a user who is none', (button) => press(pressOf(button, { user: { id: '<!here>' } }))],
    ['another kind', (button) => press(pressOf(button, { type: 'view_submission' }))],
  ])('is refused by %s, and nothing is done', async (_, pressedBy) => {
    await fire(A);
    await world().until(1);
    const got = await pressedBy(buttonOf('acknowledge'));
    expect(got).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
    expect(got.body.detail).toBe('This is no answer to a message of ours that Slack has signed.');
    expect([await takenOnBy(), await silences(), methods()]).toEqual([[undefined], [], ['postMessage']]);
  });

  it('is refused once its secret is gone', async () => {
    await fire(A);
    await world().until(1);
    parameters.values.delete(`${PREFIX}signing`);
    expect((await press(pressOf(buttonOf('acknowledge')))).status).toBe(401);
    expect(await takenOnBy()).toEqual([undefined]);
  });

  it('does nothing about what is over, and what was done is done where Slack is away', async () => {
    await fire(A);
    await world().until(1);
    const pressed = pressOf(buttonOf('acknowledge'));
    refusals = [500];
    expect((await press(pressed)).status).toBe(200);
    expect(await takenOnBy()).toEqual(['slack:anna']);
    await resolve(A);
    await world().until(100);
    const before = asked.length;
    expect((await press(pressed)).status).toBe(200);
    expect(asked).toHaveLength(before);
  });
});
