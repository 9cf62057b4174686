import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { type Alert, isResolvedAt, received } from '../../../lambdas/domain/alerts/alert.ts';
import { readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { durationText } from '../../../lambdas/domain/alerts/durations.ts';
import { fingerprintOf, type LabelSet } from '../../../lambdas/domain/alerts/labels.ts';
import { alertHash, alertsToSend, needsUpdate, webhookPayload } from '../../../lambdas/domain/alerts/notify.ts';
import {
  groupKeyOf,
  groupLabelsOf,
  type Route,
  routesFor,
  routeTree,
} from '../../../lambdas/domain/alerts/route-tree.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { RECEIVERS, someLabels, someRoutes, someTexts, yamlOf } from '../../support/alerts.ts';
import { SEED } from '../../support/cases.ts';

/** What the real Alertmanager sends to webhooks, group by group, is what ours would send, byte by byte. */
const MAX_ALERTS = 3;

/** A receiver of webhooks: each body that it was sent. */
const startReceiver = async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port, which has a number.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, bodies, [Symbol.asyncDispose]: async () => void server.close() };
};

/** Each group that an alert is in, with its alerts. */
const groupsOf = (tree: Route, alerts: readonly Alert[]) => {
  const groups = new Map<string, { route: Route; groupKey: string; groupLabels: LabelSet; alerts: Alert[] }>();
  for (const alert of alerts) {
    for (const route of routesFor(tree, alert.labels)) {
      const groupLabels = groupLabelsOf(route, alert.labels);
      const groupKey = groupKeyOf(route, groupLabels);
      const key = `${route.id} ${groupKey}`;
      const group = groups.get(key) ?? { route, groupKey, groupLabels, alerts: [] };
      group.alerts.push(alert);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
};

/** What a receiver with this name is sent at most of an alert's group. */
const mostOf = (receiver: string): number => (RECEIVERS.indexOf(receiver) % 2 === 0 ? 0 : MAX_ALERTS);

/** How long a group waits: long enough for all alerts to be there before any is told. */
const WAIT_MS = 3000;

/** What ours would send: nothing of a group in which all is over already. */
const bodiesOf = (tree: Route, alerts: readonly Alert[], at: number): string[] =>
  groupsOf(tree, alerts).flatMap(({ route, groupKey, groupLabels, ...group }) => {
    const firing = new Set(group.alerts.filter((alert) => !isResolvedAt(alert, at)).map(alertHash));
    if (!needsUpdate(undefined, firing, new Set(), route.repeatIntervalMs, at, true)) return [];
    return [
      webhookPayload({
        receiver: route.receiver,
        groupKey,
        groupLabels,
        alerts: alertsToSend(group.alerts, at, true),
        at,
        externalURL: 'http://alerts.test',
        maxAlerts: mostOf(route.receiver),
      }),
    ];
  });

const isNamedOnce = (tree: Route, alerts: readonly Alert[]): boolean => {
  const names = groupsOf(tree, alerts).map(({ route, groupKey }) => `${route.receiver} ${groupKey}`);
  return new Set(names).size === names.length;
};

/** How many groups have more alerts than one. */
const severalIn = (tree: Route, alerts: readonly Alert[]): number =>
  groupsOf(tree, alerts).filter((group) => group.alerts.length > 1).length;

const some = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, { seed: SEED, numRuns });

interface Written {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly generatorURL: string;
  readonly isOver: boolean;
}

/** Alerts as they are posted at a moment. All begin later: one that has waited for long enough is told at once. */
const postedAt = (written: readonly Written[], now: number) =>
  written.map(({ isOver, ...alert }) => ({
    ...alert,
    startsAt: new Date(now + (isOver ? WAIT_MS / 2 : 60_120)).toISOString(),
    endsAt: new Date(now + (isOver ? WAIT_MS / 2 : 3_600_000)).toISOString(),
  }));

it('webhooks are sent the same bodies', async () => {
  const all = some(
    fc.record({
      labels: someLabels,
      annotations: someTexts,
      generatorURL: fc.constantFrom('', 'http://p/?a=1&b=<2>'),
      isOver: fc.boolean(),
    }),
    150,
  ).filter(({ labels }) => Object.keys(labels).length > 0);
  const written = [...new Map(all.map((each) => [fingerprintOf(each.labels), each])).values()];
  const keptAt = (now: number) => postedAt(written, now).map((each) => received(each, now, 300_000));
  await using receiver = await startReceiver();
  // Of two groups with one name and one receiver Alertmanager tells one or both, as it happens.
  const [chosen] = some(someRoutes, 300)
    .map((route) => {
      const receivers = RECEIVERS.map((name) => ({
        name,
        webhook_configs: [{ url: receiver.url, max_alerts: mostOf(name) }],
      }));
      const yaml = yamlOf({ route: { ...route, group_wait: durationText(WAIT_MS) }, receivers });
      return { yaml, tree: routeTree(readConfig(yaml)) };
    })
    .filter(({ tree }) => tree.routes.length > 2 && isNamedOnce(tree, keptAt(0)))
    .toSorted((a, b) => severalIn(b.tree, keptAt(0)) - severalIn(a.tree, keptAt(0)));
  if (chosen === undefined) throw new Error('no tree will do');
  await using peer = await startAlertmanager(chosen.yaml);
  const now = Date.now();
  await peer.api('alerts', postedAt(written, now));
  const bodies = bodiesOf(chosen.tree, keptAt(now), now + WAIT_MS).sort();
  expect(bodies.length).toBeGreaterThan(30);
  for (const part of [/"status":"resolved","labels"/, /"truncatedAlerts":[1-9]/, /"receiver":"r\\\\/])
    expect(bodies.join('')).toMatch(part);
  await vi.waitFor(() => expect(receiver.bodies.toSorted()).toEqual(bodies), { timeout: 60_000, interval: 100 });
});
