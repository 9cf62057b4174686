import { beforeEach, describe, expect, it, vi } from 'vitest';
import { wakeRules } from '../../lambdas/runtime/wake-rules.ts';
import * as due from '../../lambdas/store/due.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** A plane without hosts, and a monitor elsewhere that is to notice where it is dead, whatever part of it is. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

/** As docs/alerts.md has it. */
const YAML = `
route:
  receiver: team
  routes:
    - matchers: [alertname="Watchdog"]
      receiver: monitor
      group_wait: 0s
      group_interval: 1m
      repeat_interval: 4m30s
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/team' }]
  - name: monitor
    webhook_configs: [{ url: 'https://monitor.example.org/ping', send_resolved: false }]
`;

let token: string;
beforeEach(async () => {
  new StateTable();
  world().tick = async () => wakeRules((await due.read(Date.now())).rules, Date.now());
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await call('POST /v1/routes', { token, body: { yaml: YAML } });
});

const turn = async (enabled: boolean) => {
  const { body } = await call('GET /v1/rules?name=watchdog', { token });
  const got = await call(`PATCH /v1/rules/${body.items[0]?.id}`, { token, body: { enabled } });
  expect(got.status, JSON.stringify(got.body)).toBe(200);
};

/** The minutes of pings. */
const pings = () => world().posts.map(({ at }) => at / 60_000);
const minute = (of: number) => world().until(of * 60);

describe('the rule watchdog', () => {
  it('says nothing until it is on', async () => {
    await minute(30);
    expect(pings()).toEqual([]);
  });

  it('is heard each five minutes, from the first minute on, where there are no hosts', async () => {
    await turn(true);
    await minute(62);
    expect(world().posts.every(({ body: { status }, url }) => status === 'firing' && url.includes('monitor'))).toBe(
      true,
    );
    expect(pings()).toEqual(Array.from({ length: 13 }, (_, ping) => 1 + 5 * ping));
  });

  it('ends once it is off', async () => {
    await turn(true);
    await minute(12);
    await turn(false);
    await minute(60);
    expect(pings()).toEqual([1, 6, 11]);
  });
});

describe('pings stop, and come again after it is well, where what is dead is', () => {
  it.each([
    ['the tick', () => (world().isDead = (stage) => stage === 'tick')],
    ['who looks at rules', () => (world().isDead = (stage) => stage === 'Rules Due')],
    ['the queue of looks', () => (world().loses = () => true)],
    ['who tells of groups', () => (world().isDead = (stage) => stage === 'Alert Group Due')],
    ['the way to the receiver', () => (world().away = () => new Error('away'))],
  ])('%s', async (_, dies) => {
    await turn(true);
    await minute(30);
    dies();
    await minute(90);
    // Who looks at rules says for four minutes that it fires.
    expect(pings().filter((at) => at > 30).length).toBeLessThanOrEqual(1);
    expect(Math.max(...pings())).toBeLessThanOrEqual(34);
    world().isDead = () => false;
    world().loses = () => false;
    world().away = () => undefined;
    await minute(97);
    expect(pings().filter((at) => at > 90)).not.toEqual([]);
  });
});
