import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as conditionChanged } from '../../lambdas/alerting/condition-changed.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, insertHost, newHost, signIn } from '../support/api.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { Death, deathsOf } from '../support/death.ts';
import { Random } from '../support/random.ts';
import { StateTable } from '../support/state-table.ts';

/** Whoever brings an alert of the plane's own to what is so dies at any of its calls, or is overtaken: people hear of each change once. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const HOST = 'h-0000000000000009';
const YAML = `
route: { receiver: all, group_by: [alertname], group_wait: 0s, group_interval: 1m }
receivers: [{ name: all, webhook_configs: [{ url: 'https://hooks.example.org/all' }] }]
`;

let state: StateTable;
beforeEach(async () => {
  state = new StateTable();
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  expect((await call('POST /v1/routes', { token, body: { yaml: YAML } })).status).toBe(200);
  await insertHost(newHost({ id: HOST, name: 'rack-1' }));
});

const become = async (to: 'unreachable' | 'ready'): Promise<void> => {
  const host = await hosts.get(HOST);
  await hosts.swap(host, { ...host, state: to });
};
const heard = () => conditionChanged({ 'detail-type': 'Alert Condition Changed', detail: { subject: HOST } });
const told = () => world().posts.map(({ body }) => body.status);

/** One that dies at its n-th call, if it makes as many, and is called again as the bus does. @returns calls that it made */
const hearsAndDies = async (at: number, when: 'before' | 'after'): Promise<number> => {
  const death = new Death(at, when);
  state.around = (work) => death.around(work);
  await heard().catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
  state.around = (work) => work();
  if (death.isDead) await heard();
  return death.calls;
};

describe('a function that brings alerts to what is so', () => {
  it('makes fewer calls than those at which it dies below', async () => {
    await become('unreachable');
    const calls = await hearsAndDies(0, 'before');
    expect(calls).toBeGreaterThan(8);
    expect(calls).toBeLessThanOrEqual(12);
  });

  it.each(deathsOf(12))('loses none and doubles none where it dies %s its call %i', async (when, at) => {
    await become('unreachable');
    await hearsAndDies(at, when);
    // A group whose message was never sent is found by the next minute's tick.
    await world().until(61);
    expect(told()).toEqual(['firing']);
    await become('ready');
    await hearsAndDies(at, when);
    await world().until(250);
    expect(told()).toEqual(['firing', 'resolved']);
    expect(state.of('alert').map(({ gsi2pk }) => gsi2pk)).toEqual([undefined]);
  });

  it('ends with what is so, however its events come and whoever runs beside it', async () => {
    for (let seed = SEED; seed < SEED + casesOr(60); seed += 1) {
      const random = new Random(seed);
      const running: Promise<unknown>[] = [];
      state.around = async (work) => {
        for (let left = random.below(3); left > 0; left -= 1) await Promise.resolve();
        return work();
      };
      let is: 'unreachable' | 'ready' = 'ready';
      for (let change = 0; change < 4; change += 1) {
        is = random.below(2) === 0 ? 'ready' : 'unreachable';
        await become(is);
        for (let events = random.below(3); events > 0; events -= 1) running.push(heard().catch(() => undefined));
      }
      await Promise.all(running);
      state.around = (work) => work();
      await heard();
      const open = state.of('alert').filter(({ gsi2pk }) => gsi2pk !== undefined);
      expect([seed, open.length]).toEqual([seed, is === 'unreachable' ? 1 : 0]);
    }
  });
});
