import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidParameterException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { SNSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as alarmTold } from '../../lambdas/alerting/alarm-told.ts';
import { handler as slack } from '../../lambdas/alerting/channels/slack.ts';
import { slackMessage } from '../../lambdas/alerting/channels/slack-message.ts';
import { handler as topic } from '../../lambdas/alerting/channels/topic.ts';
import { type Notice, noticeOf } from '../../lambdas/alerting/notice.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';
import { failedOperation as failed } from '../support/failed-operation.ts';
import { CONTEXT, queued } from '../support/stream.ts';

const sns = mockClient(SNSClient);
const ssm = mockClient(SSMClient);
const sqs = mockClient(SQSClient);
const dynamo = mockClient(DynamoDBDocumentClient);
/** What is marked as told, and what channels have taken of late. */
const rows = new Map<string, object>();

/** Slack's end of the webhook: answers as it is told, and keeps what it was sent. */
let server: Server;
let url = '';
let answers: { status: number; retryAfter?: string }[] = [];
let received: { text: string; blocks: unknown[] }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const { status, retryAfter } = answers.shift() ?? { status: 200 };
      if (status === 200) received.push(JSON.parse(body));
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('ok');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // A TCP server's address is never a path.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/s3cret`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  answers = [];
  received = [];
  sns.reset();
  ssm.reset();
  sqs.reset();
  dynamo.reset();
  rows.clear();
  dynamo.on(BatchGetCommand).resolves({ Responses: {} });
  dynamo.on(QueryCommand).resolves({ Items: [] });
  dynamo.on(GetCommand).callsFake(({ Key: { pk, sk } }) => ({ Item: rows.get(`${pk} ${sk}`) }));
  dynamo.on(PutCommand).callsFake(({ Item }) => rows.set(`${Item.pk} ${Item.sk}`, Item));
  dynamo.on(UpdateCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: url } });
});

/** What SNS hands to a function; the fields of its record that nobody reads are left out. */
const delivered = (Message: string, Subject: string): SNSEvent =>
  ({ Records: [{ Sns: { Message, Subject, MessageId: 'm-1' } }] }) as unknown as SNSEvent;

/** What was put into a queue, by the last part of its URL. */
const sent = (queue: string) =>
  sqs
    .commandCalls(SendMessageCommand)
    .map(({ args: [{ input }] }) => input)
    .filter(({ QueueUrl }) => QueueUrl?.endsWith(`/${queue}`));

const published = async (detail: object) => {
  await operationFailed({ detail });
  await topic(queued(sent('topic.fifo')[0]?.MessageBody), CONTEXT);
  const input = sns.commandCalls(PublishCommand)[0]?.args[0].input;
  return { subject: input?.Subject ?? '', forms: JSON.parse(input?.Message ?? '{}') };
};

describe('a failed operation', () => {
  it('is told with what failed, why, the VM, the operation, and what to do', async () => {
    const { subject, forms } = await published(failed);
    expect(subject).toBe('NovaCron: create-vm of web-1 failed: DiskFull');
    for (const part of [
      'The pool has 1 GiB left.',
      'web-1 vm-1',
      'op-1',
      'novacron op get op-1',
      '/problems/DiskFull',
      '/runbook#create-vm',
    ]) {
      expect(forms.email).toContain(part);
    }
  });

  it('of another project names it, in the command that shows it too', async () => {
    const { forms } = await published({ ...failed, project: 'shop' });
    expect(forms.email).toMatch(/Project:? +shop/);
    expect(forms.email).toContain('novacron op get op-1 --project shop');
    expect(noticeOf({ ...failed, project: 'default' }).advice.join()).not.toContain('--project');
  });

  it('that needs a person says so', async () => {
    const { subject, forms } = await published({ ...failed, state: 'needs-attention' });
    expect(subject).toContain('needs attention');
    expect(JSON.parse(forms.default).severity).toBe('critical');
  });

  it('has a subject that SNS takes, whatever the VM is called', async () => {
    const { subject } = await published({ ...failed, vmName: `ünï\n${'x'.repeat(200)}` });
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });

  it('of a fault we do not know points to a page that is there', async () => {
    const notice = noticeOf({ ...failed, error: { name: 'Weird', detail: 'x' } });
    expect(notice.links[0]?.url).toMatch(/Internal$/);
  });
});

describe('a notice', () => {
  it('is put into the queue of each channel, under what it is about and by its id', async () => {
    await operationFailed({ detail: failed });
    for (const queue of ['topic.fifo', 'slack.fifo']) {
      expect(sent(queue)).toMatchObject([{ MessageGroupId: 'vm-1', MessageDeduplicationId: 'event-1' }]);
    }
  });

  it('that SNS does not take waits, with those behind it', async () => {
    sns.on(PublishCommand).rejects(new Error('socket hang up'));
    const { batchItemFailures } = await topic(
      queued(noticeOf(failed), noticeOf({ ...failed, id: 'event-2' })),
      CONTEXT,
    );
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-1' }]);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
  });

  it('that SNS will never take is laid aside, and holds up nothing', async () => {
    sns
      .on(PublishCommand)
      .rejectsOnce(new InvalidParameterException({ message: 'too long', $metadata: {} }))
      .resolves({});
    const { batchItemFailures } = await topic(
      queued(noticeOf(failed), noticeOf({ ...failed, id: 'event-2' })),
      CONTEXT,
    );
    expect(batchItemFailures).toEqual([]);
    expect(sent('dead-letters')).toHaveLength(1);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(2);
  });
});

describe('how it goes with a channel is written down', () => {
  const noted = () =>
    dynamo.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => [input.Key?.pk, input.ExpressionAttributeValues]);
  const given = (...ids: string[]) => topic(queued(...ids.map((id) => noticeOf({ ...failed, id }))), CONTEXT);
  const refusal = new InvalidParameterException({ message: 'too long', $metadata: {} });

  it('once for what it was given together, in words that name nothing of the account', async () => {
    const secret = Object.assign(new Error('arn:aws:iam::123456789012:role/x may not'), { name: 'AuthorizationError' });
    sns.on(PublishCommand).resolvesOnce({}).rejectsOnce(refusal).rejects(secret);
    await given('1', '2', '3', '4');
    expect(noted()).toEqual([
      [
        'channel#topic',
        {
          ':at': expect.any(String),
          ':refused': { at: expect.any(String), why: 'SNS refused the notice.' },
          ':failing': 'SNS did not take the notice: AuthorizationError.',
        },
      ],
    ]);
  });

  it('by the name alone of what somebody else said', async () => {
    dynamo.on(GetCommand).rejects(Object.assign(new Error('table/x is away'), { name: 'InternalServerError' }));
    await given('1');
    expect(noted()).toEqual([['channel#topic', { ':at': expect.any(String), ':failing': 'InternalServerError' }]]);
  });

  it('not for what was told before, and keeps nothing from going out where it cannot be', async () => {
    dynamo.on(UpdateCommand).rejects(new Error('away'));
    expect(await given('1')).toEqual({ batchItemFailures: [] });
    expect(await given('1')).toEqual({ batchItemFailures: [] });
    expect(noted()).toHaveLength(1);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
  });
});

describe('Slack', () => {
  const notice = noticeOf(failed);
  const waits = { batchItemFailures: [{ itemIdentifier: 'message-0' }] };
  const done = { batchItemFailures: [] };
  const deliver = (told: Notice | string = notice) => slack(queued(told), CONTEXT);

  it('gets the notice in blocks', async () => {
    expect(await deliver()).toEqual(done);
    expect(received).toMatchObject([{ text: 'create-vm of web-1 failed: DiskFull', blocks: expect.any(Array) }]);
    expect(JSON.stringify(received)).toContain('The pool has 1 GiB left.');
  });

  it('hears it once, however often it is delivered', async () => {
    await deliver();
    await deliver();
    await deliver({ ...notice, id: 'event-2' });
    expect(received).toHaveLength(2);
  });

  it('gets an alarm as it is, behind what is told of it before', async () => {
    await alarmTold(delivered('{"AlarmName":"stuck"}', 'ALARM: stuck'));
    const [message] = sent('slack.fifo');
    expect(message).toMatchObject({ MessageGroupId: 'stuck', MessageDeduplicationId: 'm-1' });
    await slack(queued(message?.MessageBody), CONTEXT);
    expect(received).toMatchObject([{ text: 'ALARM: stuck' }]);
  });

  it('is not told by the topic of what it is told by its queue', async () => {
    await topic(queued(notice), CONTEXT);
    const attributes = sns.commandCalls(PublishCommand)[0]?.args[0].input.MessageAttributes;
    const Value = attributes?.kind?.StringValue ?? '';
    await alarmTold({
      Records: [{ Sns: { ...sns, MessageAttributes: { kind: { Type: 'String', Value } } } }],
    } as never);
    expect(sent('slack.fifo')).toEqual([]);
  });

  it.each([429, 500, 503])('is tried again where it answers %i, and hears it once', async (status) => {
    answers = [{ status, retryAfter: '0' }, { status: 200 }];
    expect(await deliver()).toEqual(done);
    expect(received).toHaveLength(1);
  });

  it('that stays away lets the notice wait, so that it is not lost', async () => {
    answers = Array.from({ length: 3 }, () => ({ status: 503, retryAfter: '0' }));
    expect(await deliver()).toEqual(waits);
    expect(await deliver()).toEqual(done);
    expect(received).toHaveLength(1);
  });

  it('that asks for more time than the function has is asked by the next call of it', async () => {
    answers = [{ status: 429, retryAfter: '10' }, { status: 200 }];
    const soon = { getRemainingTimeInMillis: () => 9_000 };
    expect(await slack(queued(notice), soon)).toEqual(waits);
    expect(received).toEqual([]);
  });

  it('that knows the webhook no more is asked with the one that is then', async () => {
    await deliver({ ...notice, id: 'event-0' });
    ssm.resetHistory();
    answers = [{ status: 404 }];
    expect(await deliver()).toEqual(waits);
    expect(await deliver()).toEqual(done);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
    expect(received).toHaveLength(2);
  });

  it.each([
    ['a message that it refuses', notice, [{ status: 400 }]],
    ['what is no notice', 'nonsense', []],
  ] as const)('is not stopped by %s, which is laid aside', async (_, told, given) => {
    answers = [...given];
    expect(await slack(queued(told, { ...notice, id: 'event-2' }), CONTEXT)).toEqual(done);
    expect(sent('dead-letters')).toHaveLength(1);
    expect(received).toHaveLength(1);
  });

  it('that refuses a message tells nobody the webhook', async () => {
    answers = [{ status: 400 }];
    await deliver();
    expect(sent('dead-letters')).toHaveLength(1);
    expect(JSON.stringify(sent('dead-letters'))).not.toContain('s3cret');
  });

  it('is not made to ping a channel by what is told', () => {
    const notice = noticeOf({
      ...failed,
      vmName: '<!channel>',
      error: { name: 'HostFault', detail: '<https://evil|x> & y' },
    });
    const text = JSON.stringify(slackMessage(notice).blocks.slice(1));
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https://evil');
  });

  it('takes what is longer than its limits', () => {
    const { blocks } = slackMessage(
      noticeOf({ ...failed, vmName: 'x'.repeat(400), error: { name: 'HostFault', detail: 'y'.repeat(5000) } }),
    );
    expect(blocks[0]).toMatchObject({ text: { text: expect.stringMatching(/^.{1,150}$/) } });
    for (const block of blocks) {
      if (block.type === 'section')
        for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
    }
  });
});
