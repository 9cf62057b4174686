import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as groupDue } from '../../lambdas/alerting/group-due.ts';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import { alertWorld } from '../support/alert-world.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { deathsOf } from '../support/death.ts';
import { countsOf, DyingTeller, fire } from '../support/dying-teller.ts';
import { Random } from '../support/random.ts';
import { StateTable } from '../support/state-table.ts';

/**
 * Whoever tells of a group dies at any of its calls, or meets another that tells of it: no alert is lost, and none is said twice
 * but what nobody could know was said.
 */
const world = alertWorld();
const teller = new DyingTeller(world);

vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: (url: string, body: string) => teller.around(() => world().take(url, body)),
}));

const RECEIVERS = ['https://hooks.example.org/a', 'https://hooks.example.org/b'];
const YAML = `
route: { receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 12h }
receivers: [{ name: team, webhook_configs: [${RECEIVERS.map((url) => `{ url: '${url}' }`).join(', ')}] }]
`;
const ALERTS = ['web-1', 'web-2'];

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
  state.around = teller.around;
});

const begin = (): Promise<void> =>
  fire(
    YAML,
    ALERTS.map((vm) => ({ alertname: 'Down', vm })),
  );

/** How often each receiver was told of each alert. */
const counts = (): Record<string, number> =>
  countsOf(world().posts.flatMap(({ url, body }) => body.alerts.map(({ labels }) => `${url} ${labels.vm}`)));
const EACH = RECEIVERS.flatMap((url) => ALERTS.map((vm) => `${url} ${vm}`));
const ONCE = Object.fromEntries(EACH.map((each) => [each, 1]));

/** Receivers that the group's row knows to have been told. */
const known = (): number => Object.keys((state.of('alert-group')[0] as unknown as AlertGroup).told).length;

const lived = async (at: number, when: 'before' | 'after') => {
  await begin();
  return teller.lived(at, when, known);
};

describe('a function that tells of a group', () => {
  it('says all to all, once, where it lives', async () => {
    const { calls } = await lived(0, 'before');
    expect(counts()).toEqual(ONCE);
    expect(calls).toBeGreaterThan(8);
  });

  it.each(deathsOf(16))('is missed by nobody where it dies %s its call %i', async (when, at) => {
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
