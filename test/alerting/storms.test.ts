import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NotTold } from '../../lambdas/alerting/receivers/webhook.ts';
import * as digests from '../../lambdas/store/digests.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { Parameters } from '../support/parameters.ts';
import { StateTable } from '../support/state-table.ts';

/** Receivers that take so many notifications in a time, and what they hear of more. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const yamlOf = (limit: string, more = '') => `
route: { receiver: team, group_by: [vm], group_wait: 30s, group_interval: 10m, repeat_interval: 12h }
receivers:
  - name: team
    rate_limit: ${limit}
    webhook_configs: [{ url: 'https://hooks.example.org/team'${more} }]
`;
const YAML = yamlOf('{ notifications: 3, per: 5m, critical: 1 }');

let token: string;
let state: StateTable;
beforeEach(async () => {
  state = new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const asked = askingAs(() => token);
const route = (yaml = YAML) => asked('POST /v1/routes', { yaml });

/** Alerts of VMs by their names, which fire for hours. */
const fire = (names: readonly string[], severity = 'warning') =>
  asked(
    'POST /api/v2/alerts',
    names.map((vm) => ({
      labels: { alertname: 'Down', vm, severity },
      startsAt: new Date(Date.now()).toISOString(),
      endsAt: '2026-11-25T20:00:00.000Z',
    })),
  );
const resolve = (vm: string, severity = 'warning') =>
  asked('POST /api/v2/alerts', [
    { labels: { alertname: 'Down', vm, severity }, endsAt: new Date(Date.now()).toISOString() },
  ]);

/** `30 a`, and of a digest `330 digest a b!`: seconds since the beginning, and the VMs in their order. */
const told = () =>
  world().posts.map(({ at, body: { groupKey, alerts } }) =>
    [
      at / 1_000,
      ...(groupKey.includes('digest=') ? ['digest'] : []),
      ...alerts.map(({ labels, status }) => `${labels.vm}${status === 'firing' ? '' : '!'}`),
    ].join(' '),
  );
const waiting = () => state.of('alert-group').filter(({ held }) => held !== undefined).length;

describe('a receiver with a limit', () => {
  it('is told as many as it takes, and of all others in one digest once it takes more', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd', 'e', 'f']);
    await world().until(329);
    expect(told()).toEqual(['30 a', '30 b', '30 c']);
    expect(waiting()).toBe(3);
    await world().until(3_000);
    expect(told().slice(3)).toEqual(['330 digest d e f']);
    expect(waiting()).toBe(0);
  });

  it('is told of what changes after a digest as usual', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(400);
    await resolve('d');
    await world().until(3_000);
    expect(told().slice(3)).toEqual(['330 digest d e', '630 d!']);
  });

  it('hears of what is critical at once, from a reserve, and in a digest beyond that', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd']);
    await world().until(31);
    await fire(['x', 'y'], 'critical');
    await world().until(3_000);
    expect(told()).toEqual(['30 a', '30 b', '30 c', '61 x', '330 digest y d']);
  });
});

describe('a digest', () => {
  it('says how many groups and alerts it is about, the worst first, and why they come together', async () => {
    const alerts = Array.from({ length: 30 }, (_, index) => ({
      labels: { alertname: `Down${index}` },
      endsAt: '2026-11-25T20:00:00.000Z',
    }));
    await asked('POST /api/v2/alerts', alerts);
    await world().until(400);
    const [digest, ...others] = world().notices.filter(({ notice: { about } }) => about.startsWith('alw-'));
    // One for each of the two channels.
    expect(others).toHaveLength(1);
    expect(digest?.notice).toMatchObject({
      severity: 'warning',
      title: '[FIRING:10] 10 groups of alerts',
      advice: [
        'All of them: novacron alert list --receiver default',
        'They came together because default takes 20 notifications in 5m; what changes of each is told as usual.',
      ],
    });
    expect(digest?.notice.ackUrl).toMatch(/\/v1\/answers\?token=default\.alw-[0-9a-f]{32}-1\./);
    expect(digest?.notice.facts[0]).toEqual([
      'Held back',
      '10 groups, of which 10 fire and 0 are over: 10 alerts firing, 0 of them critical, and 0 over',
    ]);
    expect(digest?.notice.facts.at(-1)).toEqual(['And', '2 more']);
  });

  it('is tried again, with what has come since, where its receiver does not take it', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(100);
    await fire(['f']);
    world().away = () => (Date.now() - world().begin < 500_000 ? new NotTold('away', true) : undefined);
    await world().until(480);
    expect(await asked('GET /v1/channels')).toMatchObject({
      items: [{ failing: { groups: 3, why: 'away', since: new Date(world().begin + 330_000).toISOString() } }],
    });
    await world().until(3_000);
    expect(told().slice(3)).toEqual(['540 digest d e f']);
    expect(await asked('GET /v1/channels')).toMatchObject({ items: [expect.not.objectContaining({ failing: {} })] });
    expect(waiting()).toBe(0);
  });

  it('that is refused is told five minutes later', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd']);
    await world().until(100);
    world().away = () => (Date.now() - world().begin < 400_000 ? new NotTold('no', false) : undefined);
    await world().until(3_000);
    expect(told().slice(3)).toEqual(['630 digest d']);
  });

  it('leaves out what is over by then, silenced, or of a route that is mute', async () => {
    await asked('POST /v1/routes', {
      yaml: YAML.replace(
        'repeat_interval: 12h }',
        `repeat_interval: 12h, routes: [{ matchers: [vm="mute"], mute_time_intervals: [night] }] }
time_intervals: [{ name: night, time_intervals: [{ times: [{ start_time: '10:04', end_time: '10:20' }] }] }]`,
      ),
    });
    await fire(['a', 'b', 'c', 'over', 'mute', 'quiet', 'z']);
    await world().until(200);
    await resolve('over');
    await asked('POST /api/v2/silences', {
      matchers: [{ name: 'vm', value: 'quiet', isRegex: false }],
      startsAt: new Date(Date.now()).toISOString(),
      endsAt: new Date(Date.now() + 7_200_000).toISOString(),
      createdBy: 'anna',
      comment: 'works',
    });
    await world().until(700);
    expect(told().slice(3)).toEqual(['330 digest z']);
    await world().until(3_000);
    expect(told().slice(4)).toEqual([expect.stringMatching(/ mute$/)]);
  });

  it('comes no more where its limit is gone: each is told by itself', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(100);
    await route(YAML.replace('    rate_limit: { notifications: 3, per: 5m, critical: 1 }\n', ''));
    await world().until(3_000);
    expect(told().slice(3).sort()).toEqual(['100 d', '100 e']);
    expect(waiting()).toBe(0);
    expect(state.of('allowance')).toEqual([expect.not.objectContaining({ nextAt: expect.anything() })]);
  });
});

describe('the link of a digest', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `vm-${String(index).padStart(4, '0')}`);
  const linked = (): string => {
    const { pathname, search } = new URL(
      world().posts.find(({ body }) => body.groupKey.includes('digest='))?.body.ackURL ?? '',
    );
    return `${pathname}${search}`;
  };
  const takenOn = async (): Promise<string[]> =>
    ((await asked('GET /api/v2/alerts')) as { labels: { vm: string }; acknowledged?: object }[])
      .filter(({ acknowledged }) => acknowledged)
      .map(({ labels }) => labels.vm)
      .sort();

  it('takes on all that it names and that fires still, and nothing else', async () => {
    await route();
    await fire(names(6));
    await world().until(340);
    await resolve('vm-0005');
    await fire(['other']);
    const page = await call(`GET ${linked()}`);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('Firing: 2') });
    expect(page.body).toContain('Of the message 1 more is over.');
    expect(await takenOn()).toEqual([]);
    expect((await call(`POST ${linked()}`)).body).toContain('Taken on');
    expect(await takenOn()).toEqual(['vm-0003', 'vm-0004']);
    expect(state.of('digest')).toEqual([]);
    expect(state.of('audit').find(({ action }) => action === 'acknowledge-by-link')).toMatchObject({
      by: expect.stringMatching(/^link:alw-[0-9a-f]{32}-1$/),
      project: 'default',
    });
    await world().until(1_000);
    expect((await call(`GET ${linked()}`)).body).toContain('Taken on');
    vi.setSystemTime(world().begin + 90_000_000);
    expect((await call(`GET ${linked()}`)).status).toBe(410);
  });

  it('takes on a thousand, which a link has no room for, and says how many more there were', async () => {
    await route();
    await fire(names(1_005).slice(0, 1_000));
    await fire(names(1_005).slice(1_000));
    await world().until(340);
    expect(linked().length).toBeLessThan(2_000);
    expect(state.of('digest')).toMatchObject([{ project: 'default', more: 2 }]);
    const page = await call(`GET ${linked()}`);
    expect(page.body).toContain('Firing: 1000');
    expect(page.body).toContain('The first 100 of them, the worst first:');
    expect(page.body).toContain('The message was about 2 more than a link names');
    expect(String(page.body).match(/<li>/g)).toHaveLength(100);
    expect((await call(`POST ${linked()}&for=4h`)).body).toContain('Taken on');
    expect(await takenOn()).toHaveLength(1_000);
  });

  it('names as many as a link has room for where nobody knows of more', async () => {
    await route();
    await fire(names(103));
    await world().until(340);
    const [named] = state.of('digest') as unknown as [digests.DigestNamed];
    // Whoever tells a digest that somebody dead has begun names the same.
    await digests.keep(named);
    expect(state.of('digest')).toEqual([named]);
    for (const [key, { entity }] of state.rows) if (entity === 'digest') state.rows.delete(key);
    const page = await call(`GET ${linked()}`);
    expect(page.body).toContain('Firing: 80');
    expect(page.body).toContain('The message was about 20 more than a link names');
  });
});

describe('a receiver whose words open incidents', () => {
  const parameters = new Parameters();
  const incidents = (limit = '{ notifications: 3, per: 5m }', more = '') => {
    parameters.values.set('/novacron/unit/receivers/default/pager', 'routing-key');
    return route(`
route: { receiver: team, group_by: [vm], group_wait: 30s, group_interval: 10m, repeat_interval: 12h }
receivers:
  - name: team
    rate_limit: ${limit}
    pagerduty_configs:
      - { url: 'https://events.example.org/v2/enqueue', routing_key_file: /novacron/unit/receivers/default/pager${more} }
`);
  };
  interface Event {
    readonly dedup_key: string;
    readonly event_action: string;
    readonly payload: { readonly summary: string };
  }
  const events = () => world().posts.map(({ at, body }) => ({ at: at / 1_000, ...(body as unknown as Event) }));
  /** `30 trigger a`, and of digests `330 trigger digest`. */
  const happened = () =>
    events().map(({ at, event_action, payload: { summary } }) =>
      [at, event_action, /groups? of alerts/.test(summary) ? 'digest' : summary.match(/\] (\S+) \(/)?.[1]].join(' '),
    );

  it('has that of its digests closed once nothing fires that was told of in one alone', async () => {
    await incidents();
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(700);
    expect(happened()).toEqual(['30 trigger a', '30 trigger b', '30 trigger c', '330 trigger digest']);
    await resolve('d');
    await world().until(1_300);
    expect(happened().slice(4)).toEqual(['1230 resolve d']);
    await resolve('e');
    await world().until(5_000);
    const [, , , opened, , , closed, ...others] = events();
    expect(happened().slice(5)).toEqual(['1830 resolve e', `${closed?.at} resolve digest`]);
    expect(closed?.dedup_key).toBe(opened?.dedup_key);
    expect((closed?.at ?? 0) - 1_830).toBeLessThanOrEqual(360);
    expect(others).toEqual([]);
    const [allowance] = state.of('allowance');
    expect(allowance).not.toHaveProperty('isOpen');
    expect(allowance).not.toHaveProperty('nextAt');
  });

  it('is told of ends at once, which disturb nobody, and not in a digest', async () => {
    await incidents('{ notifications: 1, per: 30m }');
    await fire(['a', 'b', 'c']);
    await world().until(60);
    expect(happened()).toEqual(['30 trigger a']);
    await resolve('a');
    await world().until(1_900);
    expect(happened().slice(1)).toEqual(['630 resolve a', '1830 trigger digest']);
  });

  it('is told again where it did not take the end, and never where it hears of none', async () => {
    await incidents();
    await fire(['a', 'b', 'c', 'd']);
    await world().until(400);
    await resolve('d');
    await world().until(640);
    world().away = () => new NotTold('answers 503', true);
    await world().until(1_500);
    world().away = () => undefined;
    await world().until(2_000);
    expect(happened().slice(4)).toEqual(['630 resolve d', expect.stringMatching(/^15\d\d resolve digest$/)]);
  });

  it('keeps it open where it is to hear of no end', async () => {
    await incidents('{ notifications: 1, per: 5m }', ', send_resolved: false');
    await fire(['a', 'b', 'c']);
    await world().until(400);
    await resolve('b');
    await resolve('c');
    await world().until(5_000);
    expect(happened()).toEqual(['30 trigger a', '330 trigger digest']);
  });

  it('is looked after no more once the routing has it no more', async () => {
    await incidents();
    await fire(['a', 'b', 'c', 'd']);
    await world().until(400);
    expect(state.of('allowance')).toMatchObject([{ isOpen: true }]);
    await route(yamlOf('{ notifications: 0 }'));
    await world().until(1_000);
    expect(state.of('allowance')[0]).not.toHaveProperty('isOpen');
    expect(state.of('allowance')[0]).not.toHaveProperty('nextAt');
  });
});

describe('what waits for a digest', () => {
  it('is shown with its way, the route and the alert, and is no failure', async () => {
    await route();
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(60);
    const since = new Date(world().begin + 30_000).toISOString();
    expect(await asked('GET /v1/channels')).toEqual({
      items: [{ receiver: 'team', way: 'webhook[0]', lastToldAt: since, held: { groups: 2, since } }],
    });
    const labels = { vm: 'f' };
    expect(await asked('POST /v1/routes/actions/test', { labels })).toMatchObject({
      heldBack: [{ receiver: 'team', way: 'webhook[0]', groups: 2, since }],
    });
    const alerts = (await asked('GET /api/v2/alerts')) as { fingerprint: string; labels: { vm: string } }[];
    const fingerprint = alerts.find(({ labels: { vm } }) => vm === 'e')?.fingerprint;
    expect(await asked(`GET /v1/alerts/${fingerprint}`)).toMatchObject({
      notified: [{ receiver: 'team/webhook[0]', heldSince: since }],
    });
    await world().until(400);
    expect(await asked('POST /v1/routes/actions/test', { labels })).toMatchObject({ heldBack: [] });
    expect(await asked('GET /v1/channels')).toEqual({
      items: [{ receiver: 'team', way: 'webhook[0]', lastToldAt: new Date(world().begin + 330_000).toISOString() }],
    });
  });

  it('is nothing where nobody has a limit: no row is read or written for it', async () => {
    await route(YAML.replace('notifications: 3', 'notifications: 0'));
    await fire(['a', 'b', 'c', 'd', 'e']);
    await world().until(60);
    expect(told()).toHaveLength(5);
    expect(state.of('allowance')).toEqual([]);
    expect(await asked('POST /v1/routes/actions/test', { labels: { vm: 'f' } })).toMatchObject({ heldBack: [] });
  });

  it('is what goes beyond 20 in five minutes where nobody has written routes', async () => {
    const alerts = Array.from({ length: 25 }, (_, index) => ({ labels: { alertname: `Down${index}` } }));
    await asked('POST /api/v2/alerts', alerts);
    await world().until(60);
    expect(world().notices).toHaveLength(40);
    expect(await asked('GET /v1/channels')).toMatchObject({
      items: [
        { way: 'topic[0]', held: { groups: 5 } },
        { way: 'slack[1]', held: { groups: 5 } },
      ],
    });
  });
});
