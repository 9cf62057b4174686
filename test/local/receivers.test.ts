import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFolder } from '../support/alertmanager.ts';
import { buttonsOf, pressOf, signedForm } from '../support/slack-bot-api.ts';
import { type SlackBot, startSlackBot } from '../support/webhook-receiver.ts';
import { access, api, eventually, novacron, plane } from './plane.ts';
import { ROOT_SETTINGS } from './slack-receiver.ts';

/** Receivers that are AWS's own, and a bot of Slack whose buttons are pressed, on a real plane. */
const project = `told-${Date.now().toString(36).slice(-6)}`;
const inProject = { 'novacron-project': project };
const [TOPIC = '', BUS = ''] = [process.env.NOVACRON_TEST_TOPIC, process.env.NOVACRON_TEST_BUS];
const SIGNING = 'signing-secret-of-a-slack-app';
const prefix = `/novacron/${access.installation}/receivers/${project}`;

const sqs = new SQSClient(ROOT_SETTINGS);
const sns = new SNSClient(ROOT_SETTINGS);
const events = new EventBridgeClient(ROOT_SETTINGS);
const ssm = new SSMClient(ROOT_SETTINGS);

const typed = async (...words: string[]): Promise<string> => {
  const ran = await novacron(...words, '--project', project);
  expect(ran.code, `${words.join(' ')}\n${ran.stderr}`).toBe(0);
  return ran.stdout;
};

/** A queue that hears all that the topic and the bus are told. */
let QueueUrl: string | undefined;
const RULE = { Name: 'all', EventBusName: BUS };
const policyOf = (Resource: string): string => {
  const Principal = { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sqs:SendMessage', Resource }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
};
const listen = async (): Promise<void> => {
  ({ QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: project })));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Arn = Attributes?.QueueArn ?? '';
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policyOf(Arn) } }));
  await sns.send(new CreateTopicCommand({ Name: TOPIC.split(':').at(-1) }));
  await sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol: 'sqs', Endpoint: Arn }));
  await events.send(new CreateEventBusCommand({ Name: BUS }));
  await events.send(new PutRuleCommand({ ...RULE, EventPattern: '{"source":["novacron.notification"]}' }));
  await events.send(new PutTargetsCommand({ Rule: RULE.Name, EventBusName: BUS, Targets: [{ Id: 'queue', Arn }] }));
};
const listenNoMore = async (): Promise<void> => {
  await events.send(new RemoveTargetsCommand({ Rule: RULE.Name, EventBusName: BUS, Ids: ['queue'] }));
  await events.send(new DeleteRuleCommand(RULE));
  await events.send(new DeleteEventBusCommand({ Name: BUS }));
  await sns.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
};

const heard: string[] = [];
/** What the queue has heard so far, each once. */
const heardSoFar = async (): Promise<readonly string[]> => {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  for (const { Body = '', ReceiptHandle } of Messages) {
    heard.push(Body);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return heard;
};

let slack: SlackBot;
const routing = (): string => `
route:
  receiver: services
  group_by: [alertname]
  group_wait: 0s
  group_interval: 5s
  routes: [{ matchers: [team="chat"], receiver: chat }]
receivers:
  - name: services
    sns_configs: [{ topic_arn: '${TOPIC}' }, { phone_number: '+15550100123' }]
    eventbridge_configs: [{ bus_name: ${BUS} }]
  - name: chat
    slack_configs:
      - api_url: ${slack.url}/api/chat.postMessage
        channel: '#alerts'
        signing_secret_file: ${prefix}/signing
        http_config: { authorization: { credentials_file: ${prefix}/bot } }
`;

const fire = async (labels: Record<string, string>): Promise<void> => {
  const alerts = [{ labels, annotations: { summary: 'There is no room left' } }];
  expect((await api('POST', '/api/v2/alerts', alerts, inProject)).status).toBe(200);
};

/** How it goes with a way to a receiver. */
const health = async (way: string) =>
  (await api('GET', '/v1/channels', undefined, inProject)).json.items.find((item: { way: string }) => item.way === way);

beforeAll(async () => {
  slack = await startSlackBot(`10.79.${plane.port % 250}.6`);
  expect((await api('POST', '/v1/projects', { id: project })).status).toBe(201);
  await listen();
  for (const [name, Value] of [
    ['bot', 'xoxb-token-of-a-bot'],
    ['signing', SIGNING],
  ]) {
    await ssm.send(new PutParameterCommand({ Name: `${prefix}/${name}`, Type: 'SecureString', Value }));
  }
  using folder = newFolder();
  const file = join(folder.path, 'alertmanager.yml');
  writeFileSync(file, routing());
  await typed('route', 'set', file);
});
afterAll(async () => {
  await api('DELETE', `/v1/projects/${project}`);
  await listenNoMore();
  await slack.close();
});

describe('a topic, a bus and a telephone', () => {
  it('are told of what fires, once each', async () => {
    await fire({ alertname: 'PoolFull' });
    await eventually('the topic and the bus are told', 90, async () => (await heardSoFar()).length >= 2);
    await eventually('the telephone is told', 60, async () => (await health('sms[1]'))?.lastToldAt);
    const said = (await heardSoFar()).map((text) => JSON.parse(text));
    expect(said).toHaveLength(2);
    expect(said.find(({ TopicArn }) => TopicArn === TOPIC)).toMatchObject({
      Subject: '[FIRING:1] PoolFull ',
      Message: expect.stringContaining('There is no room left'),
    });
    expect(said.find(({ source }) => source === 'novacron.notification')?.detail).toMatchObject({
      project,
      notification: { receiver: 'services', alerts: [{ labels: { alertname: 'PoolFull' } }] },
    });
  });
});

describe('a bot of Slack', () => {
  const posted = () => slack.posts.filter(({ method }) => method === 'chat.postMessage');

  it('that asked to be left alone for an hour is told when a person asks for it', async () => {
    slack.putOff(3_600);
    await fire({ alertname: 'DiskSlow', team: 'chat' });
    const failing = await eventually('it is said why not', 90, async () => (await health('slack-bot[0]'))?.failing);
    expect(failing).toMatchObject({ groups: 1, why: expect.stringContaining('429') });
    await typed('channel', 'redeliver', 'chat');
    await eventually('it is told', 90, async () => posted().length === 2);
    expect([...slack.messages.all.values()].map(({ text }) => text)).toEqual([':warning: [FIRING:1] DiskSlow']);
  });

  it('has a button by which it is taken on, which no stranger can press', async () => {
    const [acknowledge] = buttonsOf([...slack.messages.all.values()][0]);
    if (acknowledge === undefined) throw new Error('the message has no button');
    const press = async (secret: string): Promise<number> => {
      const { text, headers } = signedForm(pressOf(acknowledge), secret, Date.now());
      return (await fetch(`${access.url}/v1/slack/interactions`, { method: 'POST', headers, body: text })).status;
    };
    expect(await press('another')).toBe(401);
    expect(await typed('alert', 'list')).toMatch(/^DiskSlow +– +(?:active|firing) /m);
    expect(await press(SIGNING)).toBe(200);
    expect(await typed('alert', 'list')).toMatch(/^DiskSlow +– +acknowledged /m);
    await eventually('the message is changed', 60, async () =>
      [...slack.messages.all.values()].some(({ text }) => text === ':eyes: [FIRING:1] DiskSlow'),
    );
  });
});

describe("what the installation's own channels could not be told in most of a day", () => {
  const RECEIVED_ONCE = 1;
  const MESSAGE = { MessageBody: 'a word that waited', MessageGroupId: 'g', MessageDeduplicationId: 'd' };

  it('is back in the queue that it came from once a person asks for it', async () => {
    const plain = `${project}-plain`;
    expect((await api('POST', '/v1/projects', { id: plain })).status).toBe(201);
    const deadLetterTargetArn = plane.outputs.UnsentNoticesArn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: RECEIVED_ONCE });
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `${project}.fifo`,
        Attributes: { FifoQueue: 'true', VisibilityTimeout: '0', RedrivePolicy },
      }),
    );
    const received = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
    await sqs.send(new SendMessageCommand({ QueueUrl, ...MESSAGE }));
    expect(await received()).toMatchObject([{ Body: MESSAGE.MessageBody }]);
    expect(await received()).toEqual([]);
    const asked = await api(
      'POST',
      '/v1/channels/actions/redeliver',
      { receiver: 'default' },
      { 'novacron-project': plain },
    );
    expect(asked).toMatchObject({ status: 200, json: { groups: 0, queues: expect.arrayContaining(['topic']) } });
    const [back] = await eventually('it is back', 60, async () => {
      const messages = await received();
      return messages.length > 0 && messages;
    });
    expect(back?.Body).toBe(MESSAGE.MessageBody);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    expect((await api('DELETE', `/v1/projects/${plain}`)).status).toBe(204);
  });
});
