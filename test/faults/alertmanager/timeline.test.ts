import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { alertWorld, type Post } from '../../support/alert-world.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { call, signIn } from '../../support/api.ts';
import { StateTable } from '../../support/state-table.ts';

/**
 * The same story told to the real Alertmanager, whose time goes by, and to the plane, whose clock is moved by hand: each receiver
 * hears the same of each group, in the same order.
 */
const world = alertWorld();
vi.mock('../../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

/** Waits, intervals and repeats lie a second apart from what the story does. */
const yamlFor = (url: string) => `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 1s
  group_interval: 4s
  repeat_interval: 7s
  routes:
    - matchers: [severity="page"]
      receiver: pager
      continue: true
    - matchers: [severity=~"page|ticket"]
      receiver: desk
      group_by: ['...']
    - matchers: [quiet="yes"]
      receiver: never
      mute_time_intervals: [always]
receivers:
  - name: team
    webhook_configs: [{ url: '${url}/team' }, { url: '${url}/archive', send_resolved: false }]
  - name: pager
    webhook_configs: [{ url: '${url}/pager', send_resolved: false }]
  - name: desk
    webhook_configs: [{ url: '${url}/desk', max_alerts: 1 }]
  - name: never
    webhook_configs: [{ url: '${url}/never' }]
inhibit_rules:
  - source_matchers: [alertname="HostDown"]
    target_matchers: [alertname="VmDown"]
    equal: [host]
time_intervals:
  - name: always
    time_intervals: [{ weekdays: ['sunday:saturday'] }]
`;

type Labels = Readonly<Record<string, string>>;
/** Alerts that fire at a second of the story, or are over at it; or a silence of so many seconds. */
type Deed =
  | { readonly at: number; readonly fire: readonly Labels[]; readonly since?: number; readonly over?: true }
  | { readonly at: number; readonly silence: Labels; readonly seconds: number };

const disk = (vm: string) => ({ alertname: 'DiskFull', vm });
const page = { alertname: 'ApiDown', severity: 'page', vm: 'a' };
const STORY: readonly Deed[] = [
  { at: 0, fire: [disk('a'), page, { alertname: 'Hushed', quiet: 'yes' }] },
  { at: 0.3, fire: [disk('b')] },
  // Older than the wait: told at once.
  { at: 0.5, fire: [{ alertname: 'Old', vm: 'a' }], since: -60 },
  { at: 0, fire: [{ alertname: 'HostDown', host: 'h' }] },
  {
    at: 0,
    fire: [
      { alertname: 'VmDown', host: 'h' },
      { alertname: 'VmDown', host: 'i' },
    ],
  },
  { at: 3, fire: [disk('c')] },
  { at: 3, silence: { alertname: 'Silent' }, seconds: 8 },
  { at: 3.5, fire: [{ alertname: 'Silent', vm: 'a' }] },
  { at: 6.5, fire: [disk('a')], over: true },
  { at: 7, fire: [page], over: true },
  { at: 7, fire: [{ alertname: 'HostDown', host: 'h' }], over: true },
  { at: 10.5, fire: [page] },
  { at: 11, fire: [disk('b'), disk('c')], over: true },
  { at: 15, fire: [disk('a'), { alertname: 'Late', severity: 'ticket' }] },
];
const ENDS_AT = 23;

const iso = (at: number) => new Date(at).toISOString();
const lineOf = (deed: Deed) => ('silence' in deed ? 'silences' : 'alerts');
/** What is posted of a deed where the story began at a moment. */
const bodyOf = (deed: Deed, began: number) => {
  const now = began + deed.at * 1_000;
  if ('silence' in deed) {
    const matchers = Object.entries(deed.silence).map(([name, value]) => ({ name, value, isRegex: false }));
    return {
      matchers,
      startsAt: iso(now),
      endsAt: iso(now + deed.seconds * 1_000),
      createdBy: 'anna',
      comment: 'works',
    };
  }
  // What is not over is heard of again in an hour.
  return deed.fire.map((labels) => ({
    labels,
    startsAt: iso(deed.over ? began : now + (deed.since ?? 0) * 1_000),
    endsAt: iso(deed.over ? now : now + 3_600_000),
  }));
};

interface Heard {
  readonly url: string;
  readonly body: Post['body'];
}

/** What each receiver heard of each group, in order. */
const byGroup = (heard: readonly Heard[]): Record<string, string[]> => {
  const groups: Record<string, string[]> = {};
  for (const { url, body } of heard) {
    const alerts = body.alerts.map(({ labels, status }) => `${JSON.stringify(labels)} ${status}`);
    const key = `${new URL(url).pathname} ${body.groupKey}`;
    groups[key] = [...(groups[key] ?? []), `${body.status}: ${alerts.join(', ')}`];
  }
  return groups;
};

const toldByAlertmanager = async (): Promise<readonly Heard[]> => {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    heard.push({ url: `http://receiver${request.url}`, body: JSON.parse(await text(request)) });
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  try {
    await using peer = await startAlertmanager(yamlFor(`http://127.0.0.1:${port}`));
    const began = Date.now();
    const since = performance.now();
    const until = (seconds: number) => sleep(Math.max(0, seconds * 1_000 - (performance.now() - since)));
    for (const deed of STORY.toSorted((a, b) => a.at - b.at)) {
      await until(deed.at);
      await peer.api(lineOf(deed), bodyOf(deed, began));
    }
    await until(ENDS_AT);
  } finally {
    server.close();
  }
  return heard;
};

const toldByThePlane = async (): Promise<readonly Heard[]> => {
  new StateTable();
  const token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  const post = async (line: string, body: unknown) =>
    expect((await call(`POST ${line}`, { token, body })).status, line).toBe(200);
  await post('/v1/routes', { yaml: yamlFor('https://receiver.example.org') });
  for (const deed of STORY.toSorted((a, b) => a.at - b.at)) {
    await world().until(deed.at);
    await post(`/api/v2/${lineOf(deed)}`, bodyOf(deed, world().begin));
  }
  await world().until(ENDS_AT);
  return world().posts;
};

it('tells each receiver the same of each group as Alertmanager does', async () => {
  const ours = byGroup(await toldByThePlane());
  vi.useRealTimers();
  const theirs = byGroup(await toldByAlertmanager());
  expect(Object.keys(theirs).length).toBeGreaterThan(8);
  expect(ours).toEqual(theirs);
});
