import { describe, expect, it, vi } from 'vitest';
import { alertWorld } from '../support/alert-world.ts';
import { call } from '../support/api.ts';
import { CPU, HOST, measuredHost } from '../support/measured-host.ts';

/** From what a host measures to what receivers are posted; only the network is not there. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const host = measuredHost(world);
const rule = (body: object) => host().rule(body);
const until = (seconds: number) => host().until(seconds);
const measure = (seconds: number, cpu?: number) => host().measure(seconds, cpu);
const told = () => host().told();

const HOT = { name: 'hot', when: { metric: CPU, op: '>', value: 0.9 }, labels: { alertname: 'Hot', severity: 'page' } };

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
    expect(told()).toEqual(['5 firing Hot:web-1']);
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
    const { body } = await call('GET /v1/rules?name=hot', { token: host().operator });
    expect((await call(`DELETE /v1/rules/${body.items[0]?.id}`, { token: host().operator })).status).toBe(204);
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
    const { state } = host();
    const put = state.telemetry.set.bind(state.telemetry);
    state.telemetry.set = (key, row) => {
      if (dies && key.startsWith('rules#')) throw new Error('killed');
      return put(key, row);
    };
    const send = () => host().report(5, { [CPU]: 1 });
    expect((await send()).status).toBe(500);
    dies = false;
    expect((await send()).status).toBe(200);
    await until(50);
    expect(told()).toEqual(['5 firing Hot:web-1']);
  });
});

describe('as time goes by, or soon after samples came', () => {
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
    await host().report(5, { [CPU]: 0.95, 'vm.disk.read.latency': 2 });
    await until(11);
    expect(told()).toContain('10 firing Both:web-1');
  });
});
