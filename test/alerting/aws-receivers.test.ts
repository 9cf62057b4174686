import { beforeEach, describe, expect, it, vi } from 'vitest';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { AwsServices } from '../support/aws-services.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to what SNS and EventBridge are asked. */
const world = alertWorld();
let aws: AwsServices;
let token: string;
beforeEach(async () => {
  new StateTable();
  vi.unstubAllGlobals();
  aws = new AwsServices();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});

const asked = askingAs(() => token);

const route = (configs: string) =>
  asked('POST /v1/routes', {
    yaml: `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 5m, repeat_interval: 1h }
receivers: [{ name: team, ${configs} }]
`,
  });
const fire = (labels: Record<string, string>, more = {}) =>
  asked('POST /api/v2/alerts', [{ labels, endsAt: '2026-11-25T20:00:00.000Z', ...more }]);
const whys = async (): Promise<string[]> => {
  const { items } = (await asked('GET /v1/channels')) as { items: { failing?: { why: string } }[] };
  return items.map(({ failing }) => failing?.why ?? '');
};
const fieldsOf = (index: number) => Object.fromEntries(new URLSearchParams(aws.calls[index]?.body));

const A = { alertname: 'Down', vm: 'a', severity: 'critical' };
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:pager';
const FIFO = 'arn:aws:sns:eu-central-1:123456789012:pager.fifo';

describe('a topic', () => {
  it('is published to in its own Region, in the words of Alertmanager', async () => {
    await route(`sns_configs: [{ topic_arn: '${TOPIC}', attributes: { team: ops } }]`);
    await fire(A, { annotations: { summary: 'No room' } });
    await world().until(1);
    expect(aws.calls).toMatchObject([{ service: 'sns', region: 'eu-west-1', path: '/' }]);
    expect(fieldsOf(0)).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: TOPIC,
      Subject: '[FIRING:1] Down (critical a)',
      Message: `No room

Alerts Firing:
Labels:
 - alertname = Down
 - severity = critical
 - vm = a
Annotations:
 - summary = No room
Source: 



`,
      'MessageAttributes.entry.1.Name': 'team',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'ops',
    });
  });

  it('that keeps an order is told each group in its order, and each word once', async () => {
    await route(`sns_configs: [{ topic_arn: '${FIFO}', subject: "Übel\\nx" }]`);
    aws.answer = () => new Response('<ErrorResponse/>', { status: 503 });
    await fire(A);
    await world().until(1);
    aws.answer = () => new Response('<PublishResponse/>');
    await world().until(4_000);
    const [tried, told, repeated] = [fieldsOf(0), fieldsOf(1), fieldsOf(2)];
    expect(tried).toMatchObject({ Subject: ' bel x', MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(told?.MessageDeduplicationId).toBe(tried?.MessageDeduplicationId);
    expect(repeated?.MessageGroupId).toBe(tried?.MessageGroupId);
    expect(repeated?.MessageDeduplicationId).not.toBe(tried?.MessageDeduplicationId);
  });

  it('is told of so many alerts that a message is full, and that it is', async () => {
    await route(`sns_configs: [{ topic_arn: '${TOPIC}' }]`);
    const text = 'ü'.repeat(1_000);
    await asked(
      'POST /api/v2/alerts',
      Array.from({ length: 200 }, (_, index) => ({
        labels: { alertname: 'Down', vm: `vm-${index}` },
        annotations: { text },
      })),
    );
    await world().until(1);
    const { Message = '', ...fields } = fieldsOf(0);
    expect(Buffer.byteLength(Message)).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.byteLength(Message)).toBeGreaterThan(256 * 1024 - 4);
    expect(Message).not.toContain('\uFFFD');
    expect(fields).toMatchObject({
      'MessageAttributes.entry.1.Name': 'truncated',
      'MessageAttributes.entry.1.Value.StringValue': 'true',
    });
  });

  it.each<[string, number, string, RegExp, number]>([
    ['is gone', 404, 'NotFound', /^SNS answers 404: NotFound: it is said why$/, 301],
    ['is too busy', 400, 'Throttling', /^SNS answers 400: Throttling/, 61],
    [
      'may not be published to',
      403,
      'AuthorizationError',
      /^SNS answers 403: AuthorizationError: NovaCron may not/,
      301,
    ],
  ])('that %s is tried again, and it is said why not', async (_, status, code, why, again) => {
    await route(`sns_configs: [{ topic_arn: '${TOPIC}' }]`);
    const said = `<Error><Type>Sender</Type><Code>${code}</Code><Message>it is said why</Message></Error>`;
    aws.answer = () => new Response(`<ErrorResponse>${said}</ErrorResponse>`, { status });
    await fire(A);
    await world().until(1);
    expect(await whys()).toEqual([expect.stringMatching(why)]);
    aws.answer = () => new Response('<PublishResponse/>');
    await world().until(again - 2);
    expect(aws.calls).toHaveLength(1);
    await world().until(again + 1);
    expect(aws.calls).toHaveLength(2);
    expect(await whys()).toEqual(['']);
  });
});

describe('a telephone', () => {
  it('is sent what fires, and what that says in short', async () => {
    await route("sns_configs: [{ phone_number: '+15550100123' }]");
    await fire(A, { annotations: { summary: 'No room' } });
    await fire({ ...A, vm: 'b' }, { annotations: { summary: 'No room' } });
    await world().until(1);
    expect(fieldsOf(0)).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      PhoneNumber: '+15550100123',
      Message: '[FIRING:2] Down (critical)\nNo room',
    });
    expect(aws.calls).toMatchObject([{ region: 'eu-central-1' }]);
  });
});

describe('a bus', () => {
  it('is put an event that has the body of a webhook, and says whose it is', async () => {
    await route('eventbridge_configs: [{ bus_name: ops }]');
    await fire(A, { annotations: { summary: 'No <room>' } });
    await world().until(1);
    const [put] = aws.calls;
    expect(put?.headers.get('x-amz-target')).toBe('AWSEvents.PutEvents');
    const [{ Detail, ...entry }] = JSON.parse(put?.body ?? '').Entries;
    expect(entry).toEqual({
      EventBusName: 'ops',
      Source: 'novacron.notification',
      DetailType: 'Alert Notification',
      Time: world().begin / 1_000,
    });
    expect(JSON.parse(Detail)).toMatchObject({
      version: 1,
      project: 'default',
      notification: {
        version: '4',
        status: 'firing',
        receiver: 'team',
        groupKey: '{}:{alertname="Down"}',
        alerts: [{ labels: A, annotations: { summary: 'No <room>' } }],
        truncatedAlerts: 0,
      },
    });
  });

  it('is told of as many alerts as an event holds', async () => {
    await route('eventbridge_configs: [{ bus_name: ops }]');
    const text = 'x'.repeat(1_000);
    await asked(
      'POST /api/v2/alerts',
      Array.from({ length: 400 }, (_, index) => ({
        labels: { alertname: 'Down', vm: `vm-${index}` },
        annotations: { text },
      })),
    );
    await world().until(1);
    const [{ Detail }] = JSON.parse(aws.calls[0]?.body ?? '').Entries;
    expect(Buffer.byteLength(Detail)).toBeLessThan(256_000);
    const { notification } = JSON.parse(Detail);
    expect(notification.alerts.length + notification.truncatedAlerts).toBe(400);
    expect(notification.alerts.length).toBeGreaterThan(50);
  });

  it('that takes no event says so in an answer that is good', async () => {
    await route('eventbridge_configs: [{ bus_name: ops }]');
    aws.answer = () =>
      Response.json({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'Later' }] });
    await fire(A);
    await world().until(1);
    expect(await whys()).toEqual(['EVENTS does not take it: InternalFailure: Later']);
    aws.answer = () => Response.json({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] });
    await world().until(62);
    expect(await whys()).toEqual(['']);
  });
});

describe("a test of the installation's own channels", () => {
  const tried = async () => asked('POST /v1/channels/actions/test', { receiver: 'default' });

  it('goes through their queues, asked for by our bus', async () => {
    const why = expect.stringContaining('channel list');
    expect(await tried()).toEqual({
      items: [
        { way: 'topic[0]', outcome: 'queued', why },
        { way: 'slack[1]', outcome: 'queued', why },
      ],
    });
    const entries = aws.calls.flatMap(({ body }) => JSON.parse(body).Entries);
    expect(entries).toMatchObject([{ Source: 'novacron.alert' }, { Source: 'novacron.alert' }]);
    for (const { DetailType, Detail } of entries) world().publish(DetailType, Detail);
    await world().hearEvents();
    const said = 'A test of this receiver, asked for by operator. Nothing is wrong.';
    expect(world().notices).toMatchObject(
      ['topic', 'slack'].map((queue) => ({
        queue: expect.stringContaining(queue),
        notice: { title: '[FIRING:1] NovaCronTest default', facts: [['NovaCronTest', expect.stringContaining(said)]] },
      })),
    );
  });

  it('says so where the bus does not take it', async () => {
    aws.answer = () => new Response('{"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"too many"}]}');
    const why = 'EVENTS does not take it: ThrottlingException: too many';
    expect(await tried()).toMatchObject({
      items: [
        { outcome: 'did-not-take', why },
        { outcome: 'did-not-take', why },
      ],
    });
  });
});

describe("what the installation's own channels could not be told", () => {
  const redelivered = (receiver: string) => call('POST /v1/channels/actions/redeliver', { token, body: { receiver } });
  const entriesOf = () => aws.calls.flatMap(({ body }) => JSON.parse(body).Entries);

  it('is put back into their queues, asked for by our bus', async () => {
    expect(await redelivered('default')).toMatchObject({
      status: 200,
      body: { groups: 0, left: 0, queues: ['topic', 'slack'] },
    });
    expect(entriesOf()).toMatchObject([{ Source: 'novacron.alert', DetailType: 'Channel Redeliver' }]);
    for (const { DetailType, Detail } of entriesOf()) world().publish(DetailType, Detail);
    await world().hearEvents();
    expect(world().putBack).toEqual([process.env.UNSENT_ARN]);
  });

  it('is left alone where another receiver is meant', async () => {
    await route('eventbridge_configs: [{ bus_name: ops }]');
    expect(await redelivered('team')).toMatchObject({ status: 200, body: { queues: [] } });
    expect(aws.calls).toEqual([]);
  });

  it('may be asked for again where the bus does not take it', async () => {
    aws.answer = () => new Response('{"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"too many"}]}');
    expect(await redelivered('default')).toMatchObject({ status: 503, body: { code: 'ProviderUnreachable' } });
  });
});
