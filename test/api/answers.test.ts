import { beforeEach, describe, expect, it, vi } from 'vitest';
import { answerUrl } from '../../lambdas/alerting/answer-url.ts';
import { emailText } from '../../lambdas/alerting/channels/email.ts';
import { slackMessage } from '../../lambdas/alerting/channels/slack-message.ts';
import * as alerts from '../../lambdas/store/alerts.ts';
import * as table from '../../lambdas/store/table.ts';
import { newAlert } from '../support/alert-rows.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, insertProject, signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to what whoever was told of it answers by the link in the message. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1m, repeat_interval: 1h }
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/team' }]
`;
const LAST = '2026-11-28T20:00:00.000Z';
const A = { alertname: 'Down', vm: 'a' };
const B = { alertname: 'Down', vm: '<b onclick="x">' };

let state: StateTable;
let token: string;
beforeEach(async () => {
  state = new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const asked = askingAs(() => token);
const begun = (labels: Record<string, string>) => ({
  labels,
  startsAt: new Date(Date.now()).toISOString(),
  endsAt: LAST,
});
const fire = (labels: Record<string, string>, more = {}) =>
  asked('POST /api/v2/alerts', [{ ...begun(labels), ...more }]);
const resolve = (labels: Record<string, string>) =>
  asked('POST /api/v2/alerts', [{ labels, endsAt: new Date(Date.now()).toISOString() }]);
const byFingerprint = async (): Promise<{ labels: { vm: string }; fingerprint: string; acknowledged?: object }[]> =>
  asked('GET /api/v2/alerts');
const takenOn = async () =>
  (await byFingerprint()).filter(({ acknowledged }) => acknowledged).map(({ labels }) => labels.vm);

const pathOf = (url: string | undefined): string => {
  const { pathname, search } = new URL(url ?? '');
  return `${pathname}${search}`;
};
/** The path of the link in the last word of the webhook. */
const linked = (): string => pathOf(world().posts.at(-1)?.body.ackURL);
/** Two alerts, told of in one message. */
const told = async (): Promise<string> => {
  await asked('POST /v1/routes', { yaml: YAML });
  await asked('POST /api/v2/alerts', [A, B].map(begun));
  await world().until(1);
  return linked();
};
const rowsBut = (...kinds: string[]) =>
  JSON.stringify([...state.rows.values()].filter(({ entity }) => !kinds.includes(String(entity))));

describe('a link in a message', () => {
  it('shows what fires and changes nothing, however often it is opened', async () => {
    const link = await told();
    const before = rowsBut();
    const page = await call(`GET ${link}`);
    expect(await call(`GET ${link}`)).toEqual(page);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Firing: 2');
    expect(page.body).toContain('alertname=Down vm=&lt;b onclick=&quot;x&quot;&gt;');
    expect(page.body).not.toContain('<script');
    expect(rowsBut()).toBe(before);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    });
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(
      [...String(page.body).matchAll(/formaction="([^"]+)"/g)].map(([, url]) => url?.replaceAll('&amp;', '&')),
    ).toEqual(['&for=1h', '&for=4h', '&for=24h', ''].map((lasts) => `${link.slice('/v1/answers'.length)}${lasts}`));
  });

  it('takes on what fires of it by a button, once, and who did so is in the history and the audit log', async () => {
    const link = await told();
    await fire({ ...A, vm: 'c' });
    const done = await call(`POST ${link}&for=4h`);
    expect(done).toMatchObject({ status: 200, body: expect.stringContaining('Taken on') });
    expect(done.body).not.toContain('<form');
    expect((await takenOn()).sort()).toEqual([B.vm, 'a']);
    const [{ fingerprint }] = (await asked(`GET /api/v2/alerts?filter=vm%3Da`)) as [{ fingerprint: string }];
    expect(await asked(`GET /v1/alerts/${fingerprint}`)).toMatchObject({
      acknowledged: { by: 'link sent to team/webhook[0]', until: '2026-11-25T14:00:01.000Z' },
      history: [{ what: 'fired' }, { what: 'acknowledged', by: 'link sent to team/webhook[0]' }],
    });
    const entries = state.of('audit').filter(({ action }) => action === 'acknowledge-by-link');
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({
      project: 'default',
      by: expect.stringMatching(/^link:agr-[0-9a-f]{32}$/),
      role: 'operator',
      outcome: 'done',
      from: expect.any(String),
    });
    const before = rowsBut();
    vi.setSystemTime(Date.now() + 5_000);
    expect((await call(`POST ${link}`, { headers: { 'idempotency-key': 'k' } })).status).toBe(200);
    expect(rowsBut()).toBe(before);
  });

  it('keeps others from being reminded until then, and leaves what somebody else has taken on', async () => {
    const link = await told();
    const [first] = await byFingerprint();
    await asked(`POST /v1/alerts/${first?.fingerprint}/actions/acknowledge`, { comment: 'mine' });
    await call(`POST ${link}`);
    const by = (await byFingerprint()).map(({ acknowledged }) => (acknowledged as { by: string }).by);
    expect(by.sort()).toEqual(['link sent to team/webhook[0]', 'operator']);
    await world().until(7_300);
    expect(world().posts).toHaveLength(1);
  });

  it('is about the alerts of its message, not about what has begun since', async () => {
    const link = await told();
    await resolve(A);
    await resolve(B);
    await world().until(100);
    expect(world().posts.at(-1)?.body).not.toHaveProperty('ackURL');
    await fire(A);
    await world().until(200);
    const replayed = await call(`POST ${link}`);
    expect(replayed).toMatchObject({ status: 410, body: expect.stringContaining('Nothing of it fires') });
    expect(replayed.body).not.toContain('Down');
    expect(await takenOn()).toEqual([]);
    expect((await call(`POST ${linked()}`)).status).toBe(200);
    expect(await takenOn()).toEqual(['a']);
  });

  it('says how many of its message are over', async () => {
    const link = await told();
    await resolve(A);
    expect((await call(`GET ${link}`)).body).toContain('Of the message 1 more is over.');
  });

  it('ends after a day', async () => {
    const link = await told();
    vi.setSystemTime(Date.parse('2026-11-26T09:59:59.000Z'));
    expect((await call(`GET ${link}`)).status).toBe(200);
    vi.setSystemTime(Date.parse('2026-11-26T10:00:01.000Z'));
    for (const method of ['GET', 'POST']) {
      const got = await call(`${method} ${link}`);
      expect(got).toMatchObject({ status: 410, body: expect.stringContaining('This link has ended') });
      expect(got.body).not.toContain('Down');
    }
    expect(await takenOn()).toEqual([]);
  });

  it.each([
    ['cut', (link: string) => link.slice(0, -5)],
    ['of another project', (link: string) => link.replace('token=default.', 'token=shop.')],
    ['without its token', () => '/v1/answers'],
    ['that was made up', () => '/v1/answers?token=nc_abc'],
  ])('%s is refused before anything is looked up, and tells nothing', async (_, bent) => {
    const link = await told();
    await call(`GET ${link}`);
    const reads = state.mock.calls().length;
    for (const method of ['GET', 'POST']) {
      const got = await call(`${method} ${bent(link)}`);
      expect(got).toMatchObject({ status: 400, body: expect.stringContaining('This link is not whole') });
      expect(got.body).not.toContain('Down');
    }
    expect(state.mock.calls()).toHaveLength(reads);
    expect(await takenOn()).toEqual([]);
  });

  it.each([`for=1y`, 'for=', 'who=me', `token=${'a'.repeat(5_000)}`])('with %s is refused by name', async (more) => {
    const link = await told();
    expect(await call(`POST ${link}&${more}`)).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    expect(await takenOn()).toEqual([]);
  });

  it('takes no body', async () => {
    const link = await told();
    expect((await call(`POST ${link}`, { body: { a: 1 } })).status).toBe(400);
    const form = { text: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await call(`POST ${link}`, form)).status).toBe(415);
  });

  it('is good for nothing once its project is no more', async () => {
    await insertProject({ id: 'shop' });
    const row = newAlert({ project: 'shop' });
    await table.save(alerts.writing(row));
    const link = pathOf(await answerUrl({ id: 'agr-1', project: 'shop' }, 'team', [row], Date.now()));
    expect((await call(`GET ${link}`)).status).toBe(200);
    for (const [key, { entity }] of state.rows) if (entity === 'project') state.rows.delete(key);
    expect((await call(`POST ${link}`)).status).toBe(410);
  });
});

describe('the installation’s own channels', () => {
  it('carry the link in mails and behind a button of Slack', async () => {
    await fire(A);
    await world().until(60);
    const [{ notice } = { notice: undefined }] = world().notices;
    expect(notice?.ackUrl).toMatch(/\/v1\/answers\?token=default\.agr-/);
    const link = String(notice?.ackUrl);
    expect(notice && emailText(notice)).toContain(`Take it on (for a day from now): ${link}`);
    expect(notice && slackMessage(notice).blocks).toContainEqual({
      type: 'actions',
      elements: [{ type: 'button', text: { type: 'plain_text', text: 'Acknowledge' }, url: link, style: 'primary' }],
    });
    expect((await call(`POST ${pathOf(link)}`)).status).toBe(200);
    expect(await takenOn()).toEqual(['a']);
  });
});
