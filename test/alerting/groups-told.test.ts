import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NotTold } from '../../lambdas/alerting/receivers/webhook.ts';
import { alertWorld } from '../support/alert-world.ts';
import { signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to what receivers are posted, in the times of a routing; only the network is not there. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 1h
  routes:
    - matchers: [severity="page"]
      receiver: pager
      group_wait: 0s
      continue: true
    - matchers: [quiet="yes"]
      receiver: nights
      mute_time_intervals: [night]
receivers:
  - name: team
    webhook_configs: [{ url: 'https://hooks.example.org/team' }]
  - name: pager
    webhook_configs: [{ url: 'https://hooks.example.org/pager', send_resolved: false }]
  - name: nights
    webhook_configs: [{ url: 'https://hooks.example.org/nights' }]
time_intervals:
  - name: night
    time_intervals: [{ times: [{ start_time: '09:00', end_time: '10:10' }] }]
inhibit_rules:
  - source_matchers: [alertname="HostDown"]
    target_matchers: [alertname=~"Vm.*"]
    equal: [host]
`;

let token: string;
beforeEach(async () => {
  new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const asked = askingAs(() => token);
const route = (yaml = YAML) => asked('POST /v1/routes', { yaml });
const fire = (labels: Record<string, string>, more = {}) => asked('POST /api/v2/alerts', [{ labels, ...more }]);
/** Goes on for hours, unless it is resolved. */
const last = (labels: Record<string, string>) =>
  fire(labels, { startsAt: new Date(Date.now()).toISOString(), endsAt: '2026-11-25T20:00:00.000Z' });
const resolve = (labels: Record<string, string>) => fire(labels, { endsAt: new Date(Date.now()).toISOString() });
/** `30 team firing web-1 web-2`, in seconds since the beginning. */
const told = () =>
  world().posts.map(({ at, body: { receiver, status, alerts } }) =>
    [
      at / 1_000,
      receiver,
      status,
      ...alerts.map(({ labels, status: so }) => `${labels.vm}${so === 'firing' ? '' : '!'}`),
    ].join(' '),
  );

const A = { alertname: 'Down', vm: 'a' };
const B = { alertname: 'Down', vm: 'b' };

describe('a group of alerts', () => {
  it('is told of once its wait is over, then of what is new, at its intervals, and of its end', async () => {
    await route();
    await fire(A);
    await world().until(10);
    await fire(B);
    await world().until(40);
    await fire({ ...A, vm: 'c' });
    await world().until(400);
    await resolve({ ...A, vm: 'c' });
    await world().until(4_000);
    expect(told()).toEqual(['30 team firing a b', '330 team firing a! b! c', '630 team resolved c!']);
  });

  it('is told of at once where it waits for none', async () => {
    await route();
    await fire({ ...A, severity: 'page' });
    await world().until(1);
    expect(told()).toEqual(['0 pager firing a']);
  });

  it('is told of again after its repeat interval, at an interval of its own', async () => {
    await route();
    await last(A);
    await world().until(7_900);
    expect(told()).toEqual(['30 team firing a', '3930 team firing a', '7830 team firing a']);
  });

  it('is over by itself where nobody says that it fires still', async () => {
    await route();
    await fire(A);
    await world().until(700);
    expect(told()).toEqual(['30 team firing a', '330 team resolved a!']);
  });

  it('tells nobody who hears of no end, and is news when it fires again', async () => {
    await route();
    const page = { ...A, severity: 'page' };
    await fire(page);
    await world().until(100);
    await resolve(page);
    await world().until(700);
    await fire(page);
    await world().until(1_500);
    expect(told()).toEqual(['0 pager firing a', '700 pager firing a']);
  });

  it('is told of once while it comes and goes, and of its end once it has been calm', async () => {
    await route(
      YAML.replace('  receiver: team', '  receiver: team\n  flapping: { changes: 4, within: 1h, calm: 15m }'),
    );
    for (let turn = 0; turn < 6; turn += 1) {
      await last(A);
      await world().until(turn * 600 + 320);
      await resolve(A);
      await world().until(turn * 600 + 600);
    }
    await world().until(7_000);
    // The first end is told, the second is the fourth change; the last one comes at 3320, and is told fifteen minutes later.
    expect(told()).toEqual(['30 team firing a', '330 team resolved a!', '630 team firing a', '4230 team resolved a!']);
  });

  it('is told of by each of two routes that take it', async () => {
    await route();
    await fire({ ...A, severity: 'page', quiet: 'yes' });
    await world().until(400);
    expect(told()).toEqual(['0 pager firing a']);
    await last({ ...A, severity: 'page', quiet: 'yes' });
    await world().until(1_000);
    // The night of its route ends at 600.
    expect(told().slice(1)).toEqual(['400 pager firing a', '730 nights firing a']);
  });
});

describe('what is silenced or inhibited', () => {
  const silence = (matchers: object[], seconds: number) =>
    asked('POST /api/v2/silences', {
      matchers,
      startsAt: new Date(Date.now()).toISOString(),
      endsAt: new Date(Date.now() + seconds * 1_000).toISOString(),
      createdBy: 'anna',
      comment: 'works',
    });

  it('is not told, and is once the silence is over', async () => {
    await route();
    await silence([{ name: 'vm', value: 'a|b', isRegex: true }], 400);
    await last(A);
    await world().until(399);
    expect(told()).toEqual([]);
    expect(await asked('GET /api/v2/alerts')).toMatchObject([{ status: { state: 'suppressed' } }]);
    expect(await asked('GET /api/v2/alerts?silenced=false')).toEqual([]);
    await world().until(1_000);
    expect(told()).toEqual(['630 team firing a']);
  });

  it('is told once its inhibitor is over', async () => {
    await route();
    await fire({ alertname: 'HostDown', host: 'h', vm: 'host' });
    await last({ alertname: 'VmDown', host: 'h', vm: 'a' });
    await last({ alertname: 'VmDown', host: 'other', vm: 'b' });
    await world().until(1_000);
    expect(told().sort()).toEqual([
      '30 team firing b',
      '30 team firing host',
      '330 team firing a b',
      '330 team resolved host!',
    ]);
  });
});

describe('an alert that somebody has taken on', () => {
  const act = async (verb: string, body?: object) => {
    const [alert] = (await asked('GET /api/v2/alerts')) as { fingerprint: string }[];
    return asked(`POST /v1/alerts/${alert?.fingerprint}/actions/${verb}`, body);
  };

  it('is nobody’s reminder any more, until it is given back', async () => {
    await route();
    await last(A);
    await world().until(60);
    expect(await act('acknowledge', { comment: 'mine' })).toMatchObject({
      acknowledged: { by: 'operator', comment: 'mine' },
    });
    await last(A);
    await world().until(8_000);
    expect(told()).toEqual(['30 team firing a']);
    await act('unacknowledge');
    await world().until(8_400);
    expect(told().slice(1)).toEqual([expect.stringMatching(/^8\d\d\d team firing a$/)]);
  });

  it('is for so long only as was said', async () => {
    await route();
    await last(A);
    await world().until(60);
    await act('acknowledge', { until: new Date(world().begin + 7_000_000).toISOString() });
    await world().until(7_500);
    expect(told()).toEqual(['30 team firing a', '7230 team firing a']);
  });

  it('keeps nobody from hearing of others, and of its end', async () => {
    await route();
    await last(A);
    await world().until(60);
    await act('acknowledge', {});
    await last(B);
    await world().until(4_300);
    expect(told()).toEqual(['30 team firing a', '330 team firing a b', '4230 team firing a b']);
    await resolve(A);
    await resolve(B);
    await world().until(4_900);
    expect(told().slice(3)).toEqual(['4530 team resolved a! b!']);
  });

  it('is nobody’s the next time that it fires', async () => {
    await route();
    await last(A);
    await act('acknowledge', {});
    await world().until(60);
    await resolve(A);
    await world().until(1_000);
    await last(A);
    expect(await asked('GET /api/v2/alerts')).toEqual([
      expect.not.objectContaining({ acknowledged: expect.anything() }),
    ]);
  });
});

describe('a receiver that is away', () => {
  it('is told again each half minute until it takes it, and then once', async () => {
    await route();
    world().away = (url) =>
      url.endsWith('team') && Date.now() - world().begin < 600_000 ? new NotTold('away', true) : undefined;
    await last(A);
    await world().until(500);
    expect(await asked('GET /v1/channels')).toMatchObject({
      items: [
        {
          receiver: 'team',
          way: 'webhook[0]',
          failing: { groups: 1, why: 'away', since: new Date(world().begin + 30_000).toISOString() },
        },
        { receiver: 'pager' },
        { receiver: 'nights' },
      ],
    });
    await world().until(1_200);
    expect(told()).toEqual([expect.stringMatching(/^6[0-3]\d team firing a$/)]);
    const { items } = (await asked('GET /v1/channels')) as { items: object[] };
    expect(items[0]).toMatchObject({ lastToldAt: expect.any(String) });
    expect(items[0]).not.toHaveProperty('failing');
  });

  it('for ten minutes is told of to all channels, once an hour', async () => {
    await route();
    world().away = () => new NotTold('hooks.example.org answers 503', true);
    await last(A);
    await world().until(620);
    expect(world().notices).toEqual([]);
    await world().until(3_500);
    const ids = new Set(world().notices.map(({ notice }) => notice.id));
    expect(ids.size).toBe(1);
    expect(world().notices[0]?.notice).toMatchObject({
      title: 'Alerts do not reach team/webhook[0]',
      facts: [
        ['Why', 'hooks.example.org answers 503'],
        ['Since', expect.any(String)],
        ['Project', 'default'],
      ],
    });
    await world().until(7_000);
    expect(new Set(world().notices.map(({ notice }) => notice.id)).size).toBe(2);
  });

  it('that will never take it is told at its intervals only', async () => {
    await route();
    let tries = 0;
    world().away = () => {
      tries += 1;
      return new NotTold('no', false);
    };
    await last(A);
    await world().until(1_000);
    expect(tries).toBe(4);
  });
});

describe('another routing', () => {
  it('takes the alerts that there are along, and tells nobody twice of what he knows', async () => {
    await route();
    await last(A);
    await world().until(60);
    await route(
      YAML.replace('group_by: [alertname]', 'group_by: [alertname]\n  group_interval: 1m').replace(
        '  group_interval: 5m\n',
        '',
      ),
    );
    await world().until(400);
    expect(told()).toEqual(['30 team firing a']);
    await route(YAML.replace('receiver: team\n  group_by: [alertname]', 'receiver: pager\n  group_by: [vm]'));
    await world().until(500);
    expect(told().slice(1)).toEqual([expect.stringMatching(/^400 pager firing a$/)]);
  });

  it('that goes without saying tells all channels', async () => {
    await fire(A);
    await world().until(60);
    expect(world().notices.map(({ queue, notice }) => [queue, notice.title])).toEqual([
      ['https://sqs.test/topic.fifo', '[FIRING:1] Down'],
      ['https://sqs.test/slack.fifo', '[FIRING:1] Down'],
    ]);
  });
});
