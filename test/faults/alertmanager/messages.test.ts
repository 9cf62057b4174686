import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { alertsToSend, type Told } from '../../../lambdas/domain/alerts/notify.ts';
import { smsBody, topicBody } from '../../../lambdas/domain/alerts/sns.ts';
import { beginAndEnd, startAlertmanager } from '../../support/alertmanager.ts';
import { yamlOf } from '../../support/alerts.ts';

/** What the real Alertmanager publishes to a topic is what ours would, field by field, of what begins and of its end; so is a text message whose words are written. */
const startSns = async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.end('<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port, which has a number.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, bodies, [Symbol.asyncDispose]: async () => void server.close() };
};

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:pager';
const PHONE = '+15550100123';
const ATTRIBUTES = { team: 'ops <&>' };
const ALERTS = [
  { labels: { alertname: 'Disk', vm: 'web-1' }, annotations: { summary: 'full', runbook: 'é<&>' } },
  { labels: { alertname: 'Disk', vm: 'web-2' }, annotations: { summary: 'full' } },
];

/** Their order is no matter. */
const fieldsOf = (body: string) => [...new URLSearchParams(body)].toSorted(([a], [b]) => (a < b ? -1 : 1));
/** A topic's before a telephone's. */
const inOrder = (bodies: readonly string[]) =>
  bodies.map(fieldsOf).toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);

it('messages of SNS are the same', async () => {
  await using sns = await startSns();
  const common = {
    api_url: sns.url,
    sigv4: { region: 'us-east-1', access_key: 'a', secret_key: 's' },
    attributes: ATTRIBUTES,
  };
  await using peer = await startAlertmanager(
    yamlOf({
      route: { receiver: 'team', group_by: ['alertname'], group_wait: '1s', group_interval: '2s' },
      receivers: [
        {
          name: 'team',
          sns_configs: [
            { ...common, topic_arn: TOPIC },
            { ...common, phone_number: PHONE, subject: '', message: 'short' },
          ],
        },
      ],
    }),
  );
  const heard = async (alerts: Told['alerts'], at: number) => {
    const told: Told = {
      receiver: 'team',
      groupKey: '{}:{alertname="Disk"}',
      groupLabels: { alertname: 'Disk' },
      alerts: alertsToSend(alerts, at, true),
      at,
      externalURL: 'http://alerts.test',
    };
    const spec = { sendResolved: true, attributes: ATTRIBUTES };
    const ours = [
      topicBody(told, { ...spec, kind: 'sns', topicArn: TOPIC, texts: {} }, () => ''),
      smsBody(told, { ...spec, kind: 'sms', phoneNumber: PHONE, texts: { message: 'short' } }),
    ];
    await vi.waitFor(() => expect(inOrder(sns.bodies)).toEqual(inOrder(ours)), { timeout: 30_000, interval: 100 });
    sns.bodies.length = 0;
  };
  await beginAndEnd(peer, ALERTS, heard);
});
