import { beforeEach, describe, expect, it, vi } from 'vitest';
import { wakeSilences } from '../../lambdas/runtime/wake-silences.ts';
import * as alerts from '../../lambdas/store/alerts.ts';
import * as due from '../../lambdas/store/due.ts';
import * as names from '../../lambdas/store/names.ts';
import * as table from '../../lambdas/store/table.ts';
import { newAlert } from '../support/alert-rows.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, insertVm, insertWindow, newVm, newWindow, signIn } from '../support/api.ts';
import { Death } from '../support/death.ts';
import { StateTable } from '../support/state-table.ts';

/** What silences keep quiet, again and again, and what people are told of that: before one ends, and where one hides what is critical. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: all, group_by: ['...'], group_wait: 0s, group_interval: 1m }
receivers: [{ name: all, webhook_configs: [{ url: 'https://hooks.example.org/all' }] }]
`;
/** The world begins at ten; minutes after that. */
const at = (minutes: number): string => new Date(world().begin + minutes * 60_000).toISOString();

let state: StateTable;
let token: string;
beforeEach(async () => {
  state = new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});

const well = async (line: string, body?: unknown) => {
  const got = await call(line, { token, ...(body === undefined ? {} : { body }) });
  expect(got.status, JSON.stringify(got.body)).toBeLessThan(300);
  return got.body;
};
const route = () => well('POST /v1/routes', { yaml: YAML });
const raise = (...all: Record<string, string>[]) =>
  well(
    'POST /api/v2/alerts',
    all.map((labels) => ({ labels: { alertname: 'Down', ...labels }, startsAt: at(-60), endsAt: at(24 * 60) })),
  );
const silence = (more: object = {}) =>
  well('POST /v1/silences', { matchers: ['vm="web-1"'], comment: 'the disk', endsAt: at(120), ...more });
const told = () =>
  world().posts.flatMap(({ body }) => body.alerts.map(({ status, labels }) => `${status} ${labels.alertname}`));

/** The tick of a minute, and what the bus makes of it. */
const tickAt = async (minutes: number): Promise<void> => {
  vi.setSystemTime(world().begin + minutes * 60_000);
  await wakeSilences((await due.read(Date.now())).silences);
  await world().hearEvents();
};

describe('before a silence ends', () => {
  it('people are told, once, which alerts will be heard again, by whom it was made and how to go on', async () => {
    const { id } = await silence();
    await silence({ matchers: ['vm="web-3"'], endsAt: at(300) });
    await raise({ vm: 'web-1' }, { vm: 'web-1', disk: 'sdb' }, { vm: 'web-2' }, { vm: 'web-3' });
    await tickAt(104);
    expect(world().notices).toEqual([]);
    await tickAt(105);
    const notices = world().notices.map(({ notice }) => notice);
    expect(notices).toHaveLength(2);
    const [notice] = notices;
    expect(notice?.title).toBe(`A silence ends at ${at(120)}, and 2 alerts will be heard again`);
    expect(notice?.facts).toEqual(
      expect.arrayContaining([
        ['Made by', 'operator'],
        ['Why', 'the disk'],
        ['Alert', expect.stringContaining('sdb')],
      ]),
    );
    expect(notice?.advice[0]).toContain(`novacron silence update ${id} --for 2h`);
    for (const minutes of [106, 119]) await tickAt(minutes);
    expect(world().notices).toHaveLength(2);
  });

  it('nobody is told where nothing will be heard again, or where its maker wishes so', async () => {
    await silence();
    await silence({ remindBefore: '0s', matchers: ['vm="web-2"'] });
    await silence({ endsAt: at(240) });
    await raise({ vm: 'web-1' }, { vm: 'web-2' });
    for (const minutes of [105, 119]) await tickAt(minutes);
    expect(world().notices).toEqual([]);
  });

  it('people are told anew of one that was put off', async () => {
    const { id } = await silence();
    await raise({ vm: 'web-1' });
    await tickAt(105);
    await well(`PATCH /v1/silences/${id}`, { endsAt: at(240) });
    for (const minutes of [106, 224, 225, 226]) await tickAt(minutes);
    expect(world().notices.map(({ notice }) => notice.title)).toEqual(
      [120, 120, 240, 240].map((end) => expect.stringContaining(at(end))),
    );
  });

  it('people are told of each occurrence of one that recurs, by what its window is then', async () => {
    const periods = [{ weekdays: ['wed' as const], start: '10:00', stop: '18:00' }];
    await insertWindow(newWindow({ timeZone: 'UTC', periods }));
    await silence({ window: newWindow().id, endsAt: undefined });
    await raise({ vm: 'web-1' });
    for (const minutes of [60, 120]) await tickAt(minutes);
    await well(`PATCH /v1/windows/${newWindow().id}`, { periods: [{ ...periods[0], stop: '14:00' }] });
    for (const minutes of [180, 224]) await tickAt(minutes);
    expect(world().notices).toEqual([]);
    for (const minutes of [225, 226]) await tickAt(minutes);
    expect(world().notices).toHaveLength(2);
    expect(world().notices[0]?.notice.facts).toContainEqual(['Recurs', 'by window patching']);
    await raise({ vm: 'web-1' });
    const week = 7 * 24 * 60;
    await table.transact([alerts.writing({ ...newAlert({ labels: { vm: 'web-1' } }), endsAt: at(2 * week) })]);
    for (const minutes of [week - 30, week + 225]) await tickAt(minutes);
    expect(world().notices).toHaveLength(4);
  });

  it('it is an alert where somebody has written routes, which the silence cannot hide', async () => {
    await route();
    await silence({ matchers: ['alertname=~".+"'] });
    await raise({ vm: 'web-1' });
    await tickAt(105);
    await world().until(106 * 60);
    expect(told()).toEqual(['firing SilenceEnding']);
    expect(world().notices).toEqual([]);
  });

  it.each(
    Array.from({ length: 9 }, (_, index) => index + 1).flatMap((call) =>
      (['before', 'after'] as const).map((when) => [when, call] as const),
    ),
  )('it is told where whoever tells it dies %s its call %i', async (when, call) => {
    await silence();
    await raise({ vm: 'web-1' });
    const death = new Death(call, when);
    state.around = (work) => death.around(work);
    await tickAt(105).catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
    state.around = (work) => work();
    for (const minutes of [106, 107]) await tickAt(minutes);
    // Queues take each notice once, by its id.
    expect(new Set(world().notices.map(({ queue, notice }) => `${queue} ${notice.id}`)).size).toBe(2);
  });
});

describe('a silence that hides what is critical', () => {
  it('is told, once for each alert, and others are not', async () => {
    const { id } = await silence();
    await raise({ vm: 'web-1', severity: 'critical' }, { vm: 'web-1', severity: 'warning' });
    await world().until(300);
    const [notice, ...more] = world().notices.map((each) => each.notice);
    expect(more).toHaveLength(1);
    expect(notice?.title).toBe('A silence hides a critical alert');
    expect(notice?.facts).toEqual(expect.arrayContaining([['Silence', `${id} {vm="web-1"}`]]));
    expect(notice?.advice).toContain(`To hear of it: novacron silence expire ${id}`);
    await raise({ vm: 'web-1', severity: 'critical', disk: 'sdb' });
    await world().until(600);
    expect(world().notices).toHaveLength(4);
    await raise({ vm: 'web-1', severity: 'critical' });
    await world().until(900);
    expect(world().notices).toHaveLength(4);
  });

  it('is an alert where somebody has written routes', async () => {
    await route();
    await silence({ matchers: ['severity=~".+"'] });
    await raise({ vm: 'web-1', severity: 'critical' });
    await world().until(600);
    expect(told()).toEqual(['firing SilenceHidesCritical']);
  });

  it.each(
    Array.from({ length: 14 }, (_, index) => index + 1).flatMap((call) =>
      (['before', 'after'] as const).map((when) => [when, call] as const),
    ),
  )('is told where whoever tells it dies %s its call %i', async (when, call) => {
    await silence();
    await raise({ vm: 'web-1', severity: 'critical' });
    const death = new Death(call, when);
    world().run = async (tell) => {
      state.around = (work) => death.around(work);
      await tell().catch((error: unknown) => expect(error).toMatchObject({ message: 'dead' }));
      state.around = (work) => work();
      world().run = (other) => other();
    };
    await world().until(600);
    expect(new Set(world().notices.map(({ queue, notice }) => `${queue} ${notice.id}`)).size).toBe(2);
  });
});

describe('a silence that recurs', () => {
  it('keeps alerts quiet while its window is open, and only then', async () => {
    await route();
    await insertWindow(
      newWindow({ timeZone: 'Europe/Berlin', periods: [{ weekdays: ['wed'], start: '11:05', stop: '11:30' }] }),
    );
    await silence({ window: newWindow().id, endsAt: undefined });
    await world().until(6 * 60);
    await raise({ vm: 'web-1' });
    await world().until(29 * 60);
    expect(told()).toEqual([]);
    await world().until(33 * 60);
    expect(told()).toEqual(['firing Down']);
  });
});

describe('a window that silences', () => {
  const window = newWindow({
    timeZone: 'UTC',
    periods: [{ weekdays: ['wed'], start: '10:00', stop: '10:30' }],
    targets: { filter: 'name=web-1' },
    silence: true,
  });

  it('keeps alerts about its VMs quiet while it is open, the plane’s own among them, and tells nobody of critical ones', async () => {
    await route();
    const vm = await insertVm(newVm({ name: 'web-1' }));
    await table.transact([names.taking('vm', vm)]);
    await insertWindow(window);
    await raise({ vm: 'web-1', severity: 'critical' }, { vm: 'web-2' });
    await table.transact([
      alerts.writing(newAlert({ labels: { alertname: 'VmLost', vm: 'web-1' }, own: { subject: vm.id } })),
    ]);
    await world().until(29 * 60);
    expect(told()).toEqual(['firing Down']);
    const shown = (await well('GET /api/v2/alerts')) as unknown as {
      labels: { vm: string };
      status: { mutedBy?: string[] };
    }[];
    expect(shown.filter(({ labels }) => labels.vm === 'web-1').map(({ status }) => status.mutedBy)).toEqual([
      ['window patching'],
      ['window patching'],
    ]);
    expect(world().notices).toEqual([]);
    await world().until(33 * 60);
    expect(told()).toEqual(['firing Down', 'firing Down']);
  });
});
