import { beforeEach, expect, it, vi } from 'vitest';
import { NotTold } from '../../../lambdas/alerting/receivers/webhook.ts';
import { alertWorld, type Post } from '../../support/alert-world.ts';
import { call, signIn } from '../../support/api.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { Random } from '../../support/random.ts';
import { StateTable } from '../../support/state-table.ts';

/**
 * One receiver is away for ten minutes while alerts begin and end: once it is back it has heard all of it, each word once and an
 * alert's beginning before its end, and the other has heard each at its time.
 */
const world = alertWorld();

vi.mock('../../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const AWAY = 'https://hooks.example.org/away';
const WELL = 'https://hooks.example.org/well';
const YAML = `
route: { receiver: team, group_by: [vm], group_wait: 0s, group_interval: 5m, repeat_interval: 12h }
receivers: [{ name: team, webhook_configs: [{ url: '${AWAY}' }, { url: '${WELL}' }] }]
`;

/** What each receiver is to be told in all: two words of each alert that ends meanwhile, and one of each that begins. */
const WORDS = casesOr(300);
const ENDING = Math.floor(WORDS / 3);
const BEGINNING = WORDS - 2 * ENDING;

/** Seconds since the story began. */
const LEAVES = 60;
const IS_BACK = LEAVES + 600;
/** A group is told of each five minutes, and one that was not told is tried again within a minute and a half. */
const IS_OVER = IS_BACK + 400;
const STEP = 10;

beforeEach(() => {
  new StateTable();
});

const post = async (token: string, vms: readonly string[], endsAt: number): Promise<void> => {
  const times = { endsAt: new Date(endsAt).toISOString() };
  for (let at = 0; at < vms.length; at += 1_000) {
    const body = vms.slice(at, at + 1_000).map((vm) => ({ labels: { alertname: 'Down', vm }, ...times }));
    expect((await call('POST /api/v2/alerts', { token, body })).status).toBe(200);
  }
};

/** Ids by the second at which something becomes of them, amid the outage. */
const spread = (random: Random, ids: readonly string[]): Map<number, string[]> => {
  const at = new Map<number, string[]>();
  for (const id of ids) {
    const second = LEAVES + STEP * (1 + random.below(600 / STEP - 1));
    at.set(second, [...(at.get(second) ?? []), id]);
  }
  return at;
};

/** Each word that a receiver was told, alert by alert, in its order. */
const wordsTo = (
  url: string,
  posts: readonly Post[],
): Map<string, { readonly status: string; readonly at: number }[]> => {
  const words = new Map<string, { status: string; at: number }[]>();
  for (const { body, at } of posts.filter((each) => each.url === url))
    for (const { labels, status } of body.alerts) {
      const vm = labels.vm ?? '';
      words.set(vm, [...(words.get(vm) ?? []), { status, at }]);
    }
  return words;
};

it(`${WORDS} words through an outage of ten minutes: all, once, in order, and the other receiver unhurt`, async () => {
  const random = new Random(SEED);
  const ending = Array.from({ length: ENDING }, (_, index) => `e-${index}`);
  const beginning = Array.from({ length: BEGINNING }, (_, index) => `b-${index}`);
  const [ends, begins] = [spread(random, ending), spread(random, beginning)];
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await call('POST /v1/routes', { token, body: { yaml: YAML } });
  const later = world().begin + 86_400_000;
  world().away = (url) => {
    const second = (Date.now() - world().begin) / 1_000;
    const isAway = url === AWAY && second >= LEAVES && second < IS_BACK;
    return isAway ? new NotTold('hooks.example.org answers 503', true) : undefined;
  };
  await post(token, ending, later);
  await world().until(LEAVES);
  expect(world().posts).toHaveLength(2 * ENDING);
  for (let second = LEAVES; second < IS_BACK; second += STEP) {
    await world().until(second);
    await post(token, begins.get(second) ?? [], later);
    await post(token, ends.get(second) ?? [], Date.now());
  }
  await world().until(IS_BACK - 1);
  const whileAway = world().posts.filter(({ url, at }) => url === AWAY && at >= LEAVES * 1_000);
  expect(whileAway).toEqual([]);
  await world().until(IS_OVER);
  for (const url of [AWAY, WELL]) {
    const words = wordsTo(url, world().posts);
    const statuses = (vm: string) => words.get(vm)?.map(({ status }) => status);
    for (const vm of ending) expect(statuses(vm), `${url} ${vm}`).toEqual(['firing', 'resolved']);
    for (const vm of beginning) expect(statuses(vm), `${url} ${vm}`).toEqual(['firing']);
    expect(world().posts.filter((each) => each.url === url)).toHaveLength(WORDS);
  }
  const toWell = wordsTo(WELL, world().posts);
  for (const [second, vms] of begins)
    for (const vm of vms) expect(toWell.get(vm)?.[0]?.at).toBeLessThan((second + 2) * 1_000);
}, 3_600_000);
