import { beforeEach, describe, expect, it, vi } from 'vitest';
import { watchRules } from '../../lambdas/alerting/rules-due.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** From what a host measures to what receivers are posted; only the network is not there. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: team, group_by: [alertname, vm], group_wait: 0s, group_interval: 1m }
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/team' }]
`;
const CPU = 'vm.cpu.utilization';
const MACHINE = { 'host.cpu.utilization': 0.5 };
const HOST = newHost({ createdAt: '2026-11-25T09:00:00.000Z' });
const WEB = newVm({
  name: 'web-1',
  providerId: '11111111-1111-4111-8111-111111111111',
  changedAt: '2026-11-25T09:00:00.000Z',
});

let state: StateTable;
let operator: string;
let host: string;
beforeEach(async () => {
  state = new StateTable();
  operator = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  host = await signIn('host', { hostId: HOST.id, expiresAt: '2099-01-01T00:00:00.000Z' });
  await insertHost(HOST);
  await insertVm(WEB);
  await call('POST /v1/routes', { token: operator, body: { yaml: YAML } });
});

const rule = async (body: object) => {
  const got = await call('POST /v1/rules', { token: operator, body });
  expect(got.status, JSON.stringify(got.body)).toBe(201);
};
const HOT = { name: 'hot', when: { metric: CPU, op: '>', value: 0.9 }, labels: { alertname: 'Hot', severity: 'page' } };

const instant = (seconds: number): string => new Date(world().begin + seconds * 1000).toISOString();

/** Lets time go on, with the minute's tick of the rules where it is due. */
const until = async (seconds: number) => {
  const now = () => (Date.now() - world().begin) / 1000;
  for (let tick = Math.floor(now() / 60) * 60 + 60; tick <= seconds; tick += 60) {
    await world().until(tick);
    await watchRules(Date.now());
  }
  await world().until(seconds);
};

const measure = async (seconds: number, cpu: number | undefined) => {
  await until(seconds);
  const domains = cpu === undefined ? [] : [{ uuid: WEB.providerId, values: { [CPU]: cpu } }];
  const samples = [{ at: instant(seconds), intervalSeconds: 15, host: MACHINE, domains }];
  const got = await call(`POST /v1/hosts/${HOST.id}/metrics`, {
    token: host,
    body: { unitVersion: '1', sentAt: instant(seconds), samples },
  });
  expect(got.status, JSON.stringify(got.body)).toBe(200);
};

const told = () =>
  world().posts.map(({ at, body: { status, alerts } }) =>
    [at / 1000, status, ...alerts.map(({ labels }) => `${labels.alertname}:${labels.vm ?? labels.host}`)].join(' '),
  );

describe('a rule of a project', () => {
  it('is looked at as samples come, and told of at once', async () => {
    await rule(HOT);
    await measure(5, 0.5);
    await measure(20, 0.95);
    await until(21);
    expect(told()).toEqual(['20 firing Hot:web-1']);
    await measure(35, 0.1);
    await until(120);
    expect(told()).toEqual(['20 firing Hot:web-1', '80 resolved Hot:web-1']);
  });

  it('waits for its time, and fires with the sample that is beyond it', async () => {
    await rule({ ...HOT, for: '1m' });
    for (const seconds of [5, 20, 35, 50]) await measure(seconds, 0.95);
    await until(64);
    expect(told()).toEqual([]);
    await measure(65, 0.95);
    await until(66);
    expect(told()).toEqual(['65 firing Hot:web-1']);
  });

  it('goes on firing while it is so, however long, and is over four minutes after nothing came any more', async () => {
    await rule(HOT);
    for (let seconds = 5; seconds < 1200; seconds += 15) await measure(seconds, 0.95);
    expect(told().filter((line) => line.includes('Hot'))).toEqual(['5 firing Hot:web-1']);
  });

  it('says the same once, whoever repeats what was measured', async () => {
    await rule(HOT);
    for (const _ of [1, 2, 3]) await measure(5, 0.95);
    await until(50);
    expect(told()).toEqual(['5 firing Hot:web-1']);
  });

  it('that is taken away ends what fires by it', async () => {
    await rule(HOT);
    await measure(5, 0.95);
    const { body } = await call('GET /v1/rules?name=hot', { token: operator });
    expect((await call(`DELETE /v1/rules/${body.items[0]?.id}`, { token: operator })).status).toBe(204);
    await until(25);
    await measure(26, 0.95);
    await until(130);
    expect(told()).toEqual(['5 firing Hot:web-1', '65 resolved Hot:web-1']);
  });
});

describe('who dies between telling and writing it down', () => {
  it('tells the same alert again with the next sample, and receivers are told once', async () => {
    await rule(HOT);
    let dies = true;
    state.around = async (work) => work();
    const put = state.telemetry.set.bind(state.telemetry);
    state.telemetry.set = (key, row) => {
      if (dies && key.startsWith('rules#')) throw new Error('killed');
      return put(key, row);
    };
    const at = instant(5);
    await world().until(5);
    const samples = [
      { at, intervalSeconds: 15, host: MACHINE, domains: [{ uuid: WEB.providerId, values: { [CPU]: 1 } }] },
    ];
    const send = () =>
      call(`POST /v1/hosts/${HOST.id}/metrics`, { token: host, body: { unitVersion: '1', sentAt: at, samples } });
    expect((await send()).status).toBe(500);
    dies = false;
    expect((await send()).status).toBe(200);
    await until(50);
    expect(told()).toEqual(['5 firing Hot:web-1']);
  });
});

describe('as time goes by', () => {
  it('a host that does not measure is told of, by a rule that is there from the first minute', async () => {
    await measure(5, 0.1);
    await until(400);
    expect(told().at(-1)).toMatch(new RegExp(`firing HostMetricsMissing:${HOST.name}`));
  });

  it('rules that are made of others fire where all of them do', async () => {
    await rule(HOT);
    await rule({ name: 'slow', when: { metric: 'vm.disk.read.latency', op: '>', value: 1 } });
    await rule({
      name: 'both',
      when: { all: ['hot', 'slow'] },
      labels: { alertname: 'Both', severity: 'critical' },
    });
    await until(5);
    const values = { [CPU]: 0.95, 'vm.disk.read.latency': 2 };
    const samples = [
      { at: instant(5), intervalSeconds: 15, host: MACHINE, domains: [{ uuid: WEB.providerId, values }] },
    ];
    await call(`POST /v1/hosts/${HOST.id}/metrics`, {
      token: host,
      body: { unitVersion: '1', sentAt: instant(5), samples },
    });
    await until(61);
    expect(told()).toContain('60 firing Both:web-1');
  });
});
