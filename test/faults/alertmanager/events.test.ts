import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { received } from '../../../lambdas/domain/alerts/alert.ts';
import type { Told } from '../../../lambdas/domain/alerts/notify.ts';
import { alertsToSend } from '../../../lambdas/domain/alerts/notify.ts';
import { opsgenieRequest } from '../../../lambdas/domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../../../lambdas/domain/alerts/pagerduty.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { yamlOf } from '../../support/alerts.ts';

/** What the real Alertmanager sends to PagerDuty and to OpsGenie is what ours would send, byte by byte, of what begins and of its end. */

interface Post {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const startReceiver = async () => {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const { url: path = '', headers } = request;
    posts.push({ path, authorization: headers.authorization, body: await text(request) });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port, which has a number.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, posts, [Symbol.asyncDispose]: async () => void server.close() };
};

const DETAILS = { team: 'shop', num_firing: 'many' };
const PAGERDUTY = {
  client: 'ops <&>',
  description: 'x'.repeat(2_000),
  severity: 'critical',
  class: 'disk',
  group: 'g',
};
const OPSGENIE = {
  priority: 'P1',
  tags: ' a,,b',
  actions: 'restart',
  note: 'n',
  entity: 'e',
  message: 'm'.repeat(200),
};
const RESPONDERS = [
  { type: 'teams', name: 'ops,,shop' },
  { type: 'user', username: 'anna', id: '4' },
];
const NAMES = { plain: 'a b (c)/d', said: 'r<1>' };

const ALERTS = [
  { labels: { alertname: 'Disk', vm: 'web-1', zone: 'é<&>' }, annotations: { summary: 'full', runbook: 'r' } },
  { labels: { alertname: 'Disk', vm: 'web-2', zone: 'é<&>' }, annotations: { summary: 'full' } },
];

it('events of PagerDuty and alerts of OpsGenie are the same', async () => {
  await using receiver = await startReceiver();
  const { url } = receiver;
  await using peer = await startAlertmanager(
    yamlOf({
      route: {
        receiver: NAMES.plain,
        group_by: ['alertname'],
        group_wait: '1s',
        group_interval: '2s',
        routes: [
          { matchers: ['alertname="Disk"'], receiver: NAMES.plain, continue: true },
          { matchers: ['alertname="Disk"'], receiver: NAMES.said },
        ],
      },
      receivers: [
        {
          name: NAMES.plain,
          pagerduty_configs: [{ url: `${url}/pd`, routing_key: 'k1' }],
          opsgenie_configs: [{ api_url: `${url}/og/`, api_key: 'k2' }],
        },
        {
          name: NAMES.said,
          pagerduty_configs: [{ url: `${url}/pd`, routing_key: 'k3', details: DETAILS, ...PAGERDUTY }],
          opsgenie_configs: [
            { api_url: `${url}/og/`, api_key: 'k4', details: DETAILS, responders: RESPONDERS, ...OPSGENIE },
          ],
        },
      ],
    }),
  );
  const expected = (alerts: Told['alerts'], at: number): Post[] =>
    [NAMES.plain, NAMES.said].flatMap((name): Post[] => {
      const told: Told = {
        receiver: name,
        groupKey: '{}/{alertname="Disk"}:{alertname="Disk"}',
        groupLabels: { alertname: 'Disk' },
        alerts: alertsToSend(alerts, at, true),
        at,
        externalURL: 'http://alerts.test',
      };
      const isPlain = name === NAMES.plain;
      const pagerduty = isPlain
        ? { texts: { client: 'Alertmanager' }, details: {} }
        : { texts: PAGERDUTY, details: DETAILS };
      const opsgenie = isPlain
        ? { texts: {}, details: {}, responders: [] }
        : { texts: OPSGENIE, details: DETAILS, responders: RESPONDERS };
      const { path, body } = opsgenieRequest(told, opsgenie);
      return [
        { path: '/pd', authorization: undefined, body: pagerdutyEvent(told, pagerduty, isPlain ? 'k1' : 'k3') },
        { path: `/og/${path}`, authorization: `GenieKey ${isPlain ? 'k2' : 'k4'}`, body },
      ];
    });
  const byBody = (posts: readonly Post[]) => posts.toSorted((a, b) => (a.body < b.body ? -1 : 1));
  const heard = async (alerts: Told['alerts'], at: number) => {
    const all = byBody(expected(alerts, at));
    await vi.waitFor(() => expect(byBody(receiver.posts)).toEqual(all), { timeout: 30_000, interval: 100 });
    receiver.posts.length = 0;
  };
  const now = Date.now();
  const posted = (endsAt: number) =>
    ALERTS.map((alert) => ({
      ...alert,
      generatorURL: 'http://p/?a=1&b=2',
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
    }));
  const kept = (endsAt: number) => posted(endsAt).map((each) => received(each, now, 300_000));
  await peer.api('alerts', posted(now + 3_600_000));
  await heard(kept(now + 3_600_000), now);
  const end = Date.now();
  await peer.api('alerts', posted(end));
  await heard(kept(end), end + 1);
});
