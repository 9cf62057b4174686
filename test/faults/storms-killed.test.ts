import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as groupDue } from '../../lambdas/alerting/group-due.ts';
import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import type { Allowance } from '../../lambdas/domain/alerts/rate-limit.ts';
import { alertWorld } from '../support/alert-world.ts';
import { casesOr, SEED } from '../support/cases.ts';
import { countsOf, DyingTeller, fire } from '../support/dying-teller.ts';
import { Random } from '../support/random.ts';
import { StateTable } from '../support/state-table.ts';

/**
 * A receiver that has been told enough hears of each group, by itself or in a digest, whoever dies while telling it: once, but
 * for what nobody could know was said.
 */
const world = alertWorld();
const teller = new DyingTeller(world);

let state: StateTable;

vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: (url: string, body: string) => teller.around(() => world().take(url, body)),
}));

const LIMITED = 'https://hooks.example.org/limited';
const FREE = 'https://hooks.example.org/free';
const KEY = 'team/webhook[0]';
const yamlOf = (notifications: number, per: string, interval = '2m'): string => `
route: { receiver: team, group_by: [vm], group_wait: 30s, group_interval: ${interval}, repeat_interval: 12h }
receivers:
  - name: team
    webhook_configs:
      - { url: '${LIMITED}', rate_limit: { notifications: ${notifications}, per: ${per}, critical: 0 } }
      - { url: '${FREE}' }
`;

beforeEach(() => {
  state = new StateTable();
  state.around = teller.around;
});

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `web-${index}`);

const begin = (yaml: string, names: readonly string[]): Promise<void> =>
  fire(
    yaml,
    names.map((vm) => ({ alertname: 'Down', vm })),
  );

type Post = ReturnType<typeof world>['posts'][number];
const vmsIn = (posts: readonly Post[]): string[] =>
  posts.flatMap(({ body }) => body.alerts.map(({ labels }) => labels.vm ?? ''));
const isDigest = ({ body }: Post): boolean => body.groupKey.includes('digest=');
const to = (url: string): Post[] => world().posts.filter((post) => post.url === url);

const countsAt = (url: string): Record<string, number> => countsOf(vmsIn(to(url)));

/** Whether some row knows that the limited receiver was told of a VM. */
const isKnown = (vm: string): boolean => {
  const group = state.of('alert-group').find(({ labels }) => (labels as { vm: string }).vm === vm) as
    | AlertGroup
    | undefined;
  const [allowance] = state.of('allowance') as unknown as Allowance[];
  const digest = group?.held?.[KEY]?.digest;
  const isTold = allowance?.digest?.isTold === true && allowance.digest.number === digest?.number;
  return isTold || group?.told[KEY] !== undefined;
};

const VMS = namesOf(5);
const END = 700;

/** One story in which the n-th function dies at its call. @returns how many calls each made, and VMs that were told of and that no row knows of */
const lived = async (function_: number, at: number, when: 'before' | 'after') => {
  await begin(yamlOf(2, '1m'), VMS);
  const calls: number[] = [];
  let unknown: string[] = [];
  world().run = async (tell) => {
    const isItsTurn = calls.length === function_;
    const before = to(LIMITED).length;
    const death = await teller.dies(tell, isItsTurn ? at : 0, when);
    calls.push(death.calls);
    if (death.isDead) unknown = vmsIn(to(LIMITED).slice(before)).filter((vm) => !isKnown(vm));
  };
  await world().until(END);
  return { calls, unknown };
};

describe('a function that tells a receiver with a limit', () => {
  it('says all, once, where it lives', async () => {
    await lived(-1, 0, 'before');
    expect(countsAt(LIMITED)).toEqual(Object.fromEntries(VMS.map((vm) => [vm, 1])));
    expect(to(LIMITED).map((post) => [post.at / 1_000, isDigest(post), post.body.alerts.length])).toEqual([
      [30, false, 1],
      [30, false, 1],
      [90, true, 3],
    ]);
  });

  it.each(['before', 'after'] as const)('is missed by nobody where it dies %s any of its calls', async (when) => {
    const { calls } = await lived(-1, 0, 'before');
    const first = calls.slice(0, VMS.length + 1);
    let died = 0;
    for (const [turn, made] of first.entries()) {
      for (let at = 1; at <= made; at += 1) {
        state.rows.clear();
        world().posts = [];
        world().restart();
        const { unknown } = await lived(turn, at, when);
        const place = `${when} call ${at} of function ${turn}`;
        const twice = new Set(unknown);
        expect(countsAt(LIMITED), place).toEqual(Object.fromEntries(VMS.map((vm) => [vm, twice.has(vm) ? 2 : 1])));
        expect(
          state.of('alert-group').filter(({ held }) => held !== undefined),
          place,
        ).toEqual([]);
        died += 1;
      }
    }
    expect(died).toBeGreaterThan(60);
  });

  it('keeps to its allowance however many are woken at once', async () => {
    for (let seed = SEED; seed < SEED + casesOr(20); seed += 1) {
      const random = new Random(seed);
      state.rows.clear();
      world().posts = [];
      world().restart();
      await begin(yamlOf(4, '5m'), namesOf(30));
      vi.setSystemTime(world().begin + 31_000);
      state.around = async (work) => {
        for (let left = random.below(4); left > 0; left -= 1) await setImmediate();
        return work();
      };
      const due = state.of('alert-group').map(({ id }) => ({ detail: { alertGroupId: id, project: 'default' } }));
      await Promise.all([...due, ...due].map((each) => groupDue(each)));
      state.around = (work) => work();
      expect(to(LIMITED), `seed ${seed}`).toHaveLength(4);
      expect(to(FREE), `seed ${seed}`).toHaveLength(30);
      await world().until(700);
      expect(to(LIMITED).filter(isDigest), `seed ${seed}`).toHaveLength(1);
      expect(Object.values(countsAt(LIMITED)), `seed ${seed}`).toEqual(Array.from({ length: 30 }, () => 1));
    }
  });
});

describe('a storm of 1,000 groups', () => {
  it('is its allowance and one digest of all others to whom has a limit, and 1,000 words to whom has none', async () => {
    const names = namesOf(1_000);
    await begin(yamlOf(20, '5m', '10m'), names);
    await world().until(600);
    expect(to(FREE)).toHaveLength(1_000);
    expect(to(LIMITED).map((post) => [isDigest(post), post.body.alerts.length])).toEqual([
      ...Array.from({ length: 20 }, () => [false, 1]),
      [true, 980],
    ]);
    expect(vmsIn(to(LIMITED)).sort()).toEqual(names.toSorted());
    expect(state.of('allowance')).toMatchObject([{ digests: 1 }]);
  });
});
