import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { Death } from '../support/death.ts';
import { StateTable } from '../support/state-table.ts';

/**
 * Whoever tells of several groups by one call dies at any of its calls: no alert is lost, and none is said twice but what nobody
 * could know was said.
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

const YAML = `
route: { receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 12h }
receivers: [{ name: team, webhook_configs: [{ url: 'https://hooks.example.org/a' }] }]
`;
const NAMES = ['Down', 'Full', 'Hot', 'Slow'];
const ONCE = Object.fromEntries(NAMES.map((name) => [name, 1]));

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
  death = undefined;
  state.around = (work) => (death ? death.around(work) : work());
});

const begin = async (): Promise<void> => {
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await call('POST /v1/routes', { token, body: { yaml: YAML } });
  const times = { startsAt: new Date(Date.now()).toISOString(), endsAt: '2026-11-25T20:00:00.000Z' };
  const body = NAMES.map((alertname) => ({ labels: { alertname }, ...times }));
  expect((await call('POST /api/v2/alerts', { token, body })).status).toBe(200);
};

/** How often each group was told of. */
const counts = (): Record<string, number> => {
  const told: Record<string, number> = {};
  for (const { body } of world().posts)
    for (const { labels } of body.alerts) told[`${labels.alertname}`] = (told[`${labels.alertname}`] ?? 0) + 1;
  return told;
};

/** Groups whose rows know that they were told of. */
const known = (): number =>
  (state.of('alert-group') as unknown as AlertGroup[]).filter(({ told }) => Object.keys(told).length > 0).length;

/** One story in which the function dies. @returns calls that it made, and how many groups it told of that no row knows of */
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

describe('a function that tells of four groups', () => {
  it('says all, once, by one call, where it lives', async () => {
    const { calls } = await lived(0, 'before');
    expect(counts()).toEqual(ONCE);
    // Four words, and what of the table four groups share.
    expect(calls).toBeGreaterThan(8);
    expect(calls).toBeLessThan(15);
  });

  it.each(
    Array.from({ length: 14 }, (_, index) => index + 1).flatMap((at) =>
      (['before', 'after'] as const).map((when) => [when, at] as const),
    ),
  )('is missed by nobody where it dies %s its call %i', async (when, at) => {
    const { unknown } = await lived(at, when);
    const told = counts();
    expect(Object.keys(told).sort()).toEqual(NAMES);
    const twice = Object.values(told).reduce((sum, count) => sum + count - 1, 0);
    expect(twice).toBe(unknown);
  });
});
