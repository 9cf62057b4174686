import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as groupDue } from '../../lambdas/alerting/group-due.ts';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { Death } from '../support/death.ts';
import { Random } from '../support/random.ts';
import { StateTable } from '../support/state-table.ts';

/**
 * Whoever tells of a group dies at any of its calls, or meets another that tells of it: no alert is lost, and none is said twice
 * but what nobody could know was said.
 */
const world = alertWorld();

/** Of the function that tells now; nothing else dies. */
let death: Death | undefined;

vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => {
    const post = () => world().take(url, body);
    await (death ? death.around(post) : post());
  },
}));

const RECEIVERS = ['https://hooks.example.org/a', 'https://hooks.example.org/b'];
const YAML = `
route: { receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 12h }
receivers: [{ name: team, webhook_configs: [${RECEIVERS.map((url) => `{ url: '${url}' }`).join(', ')}] }]
`;
const ALERTS = ['web-1', 'web-2'];

let state: StateTable;
beforeEach(async () => {
  state = new StateTable();
  death = undefined;
  state.around = (work) => (death ? death.around(work) : work());
});

const begin = async (): Promise<void> => {
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await call('POST /v1/routes', { token, body: { yaml: YAML } });
  const times = { startsAt: new Date(Date.now()).toISOString(), endsAt: '2026-11-25T20:00:00.000Z' };
  const body = ALERTS.map((vm) => ({ labels: { alertname: 'Down', vm }, ...times }));
  expect((await call('POST /api/v2/alerts', { token, body })).status).toBe(200);
};

/** How often each receiver was told of each alert. */
const counts = (): Record<string, number> => {
  const told: Record<string, number> = {};
  for (const { url, body } of world().posts)
    for (const { labels } of body.alerts) told[`${url} ${labels.vm}`] = (told[`${url} ${labels.vm}`] ?? 0) + 1;
  return told;
};
const EACH = RECEIVERS.flatMap((url) => ALERTS.map((vm) => `${url} ${vm}`));
const ONCE = Object.fromEntries(EACH.map((each) => [each, 1]));

/** Receivers that the group's row knows to have been told. */
const known = (): number => Object.keys((state.of('alert-group')[0] as unknown as AlertGroup).told).length;

/** One story in which the function dies. @returns calls that it made, and how many receivers it told that no row knows of */
const lived = async (at: number, when: 'before' | 'after'): Promise<{ calls: number; unknown: number }> => {
  await begin();
  let [calls, unknown] = [0, 0];
  world().run = async (tell) => {
    death = new Death(at, when);
    // Nobody calls it again: what is left the next tick finds.
    await tell().catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
    calls ||= death.calls;
    const died = death.isDead;
    death = undefined;
    if (!died) return;
    unknown = world().posts.length - known();
    world().run = (other) => other();
  };
  await world().until(280);
  return { calls, unknown };
};

describe('a function that tells of a group', () => {
  it('says all to all, once, where it lives', async () => {
    const { calls } = await lived(0, 'before');
    expect(counts()).toEqual(ONCE);
    expect(calls).toBeGreaterThan(8);
  });

  it.each(
    Array.from({ length: 16 }, (_, index) => index + 1).flatMap((at) =>
      (['before', 'after'] as const).map((when) => [when, at] as const),
    ),
  )('is missed by nobody where it dies %s its call %i', async (when, at) => {
    const { unknown } = await lived(at, when);
    const told = counts();
    expect(Object.keys(told).sort()).toEqual(EACH.toSorted());
    const twice = Object.values(told).reduce((sum, count) => sum + count - 1, 0);
    expect(twice).toBe(unknown * ALERTS.length);
  });

  it('tells alone, however many are woken at once', async () => {
    for (let seed = SEED; seed < SEED + casesOr(100); seed += 1) {
      const random = new Random(seed);
      world().posts = [];
      state.rows.clear();
      vi.setSystemTime(world().begin);
      await begin();
      vi.setSystemTime(world().begin + 31_000);
      const id = state.of('alert-group')[0]?.id;
      state.around = async (work) => {
        for (let left = random.below(4); left > 0; left -= 1) await setImmediate();
        return work();
      };
      const due = { detail: { alertGroupId: id, project: 'default' } };
      await Promise.all([groupDue(due), groupDue(due), groupDue(due)]);
      state.around = (work) => work();
      expect(counts(), `seed ${seed}`).toEqual(ONCE);
    }
  });

  it('is woken by the next tick where the queue has lost what would have woken it', async () => {
    const random = new Random(SEED);
    world().loses = () => random.chance(0.7);
    await begin();
    await world().until(280);
    expect(counts()).toEqual(ONCE);
  });
});
