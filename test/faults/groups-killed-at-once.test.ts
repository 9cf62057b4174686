import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import { alertWorld } from '../support/alert-world.ts';
import { deathsOf } from '../support/death.ts';
import { countsOf, DyingTeller, fire } from '../support/dying-teller.ts';
import { StateTable } from '../support/state-table.ts';

/**
 * Whoever tells of several groups by one call dies at any of its calls: no alert is lost, and none is said twice but what nobody
 * could know was said.
 */
const world = alertWorld();
const teller = new DyingTeller(world);

vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: (url: string, body: string) => teller.around(() => world().take(url, body)),
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
  state.around = teller.around;
});

/** How often each group was told of. */
const counts = (): Record<string, number> =>
  countsOf(world().posts.flatMap(({ body }) => body.alerts.map(({ labels }) => `${labels.alertname}`)));

/** Groups whose rows know that they were told of. */
const known = (): number =>
  (state.of('alert-group') as unknown as AlertGroup[]).filter(({ told }) => Object.keys(told).length > 0).length;

const lived = async (at: number, when: 'before' | 'after') => {
  await fire(
    YAML,
    NAMES.map((alertname) => ({ alertname })),
  );
  return teller.lived(at, when, known);
};

describe('a function that tells of four groups', () => {
  it('says all, once, by one call, where it lives', async () => {
    const { calls } = await lived(0, 'before');
    expect(counts()).toEqual(ONCE);
    // Four words, and what of the table four groups share.
    expect(calls).toBeGreaterThan(8);
    expect(calls).toBeLessThan(15);
  });

  it.each(deathsOf(14))('is missed by nobody where it dies %s its call %i', async (when, at) => {
    const { unknown } = await lived(at, when);
    const told = counts();
    expect(Object.keys(told).sort()).toEqual(NAMES);
    const twice = Object.values(told).reduce((sum, count) => sum + count - 1, 0);
    expect(twice).toBe(unknown);
  });
});
