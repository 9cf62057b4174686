import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SNSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as slack } from '../../lambdas/alerting/channels/slack.ts';
import { slackMessage } from '../../lambdas/alerting/channels/slack-message.ts';
import { noticeOf } from '../../lambdas/alerting/notice.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';

const failed = {
  id: 'event-1',
  operationId: 'op-1',
  kind: 'create-vm',
  state: 'failed',
  vmId: 'vm-1',
  vmName: 'web-1',
  provider: 'kvm',
  by: 'token:t',
  error: { name: 'DiskFull', detail: 'The pool has 1 GiB left.' },
  endedAt: '2026-11-25T12:00:00.000Z',
};

const sns = mockClient(SNSClient);
const ssm = mockClient(SSMClient);

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
  sns.on(PublishCommand).resolves({});
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: url } });
});

const published = async (detail: object) => {
  await operationFailed({ detail });
  const input = sns.commandCalls(PublishCommand)[0]?.args[0].input;
  return { subject: input?.Subject ?? '', forms: JSON.parse(input?.Message ?? '{}') };
};

const delivered = (Message: string, Subject?: string): SNSEvent =>
  // The fields of an SNS record that nobody reads are left out.
  ({ Records: [{ Sns: { Message, Subject, MessageId: 'm-1' } }] }) as unknown as SNSEvent;

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

describe('Slack', () => {
  const message = JSON.stringify(noticeOf(failed));

  it('gets the notice in blocks', async () => {
    await slack(delivered(message));
    expect(received).toMatchObject([{ text: 'create-vm of web-1 failed: DiskFull', blocks: expect.any(Array) }]);
    expect(JSON.stringify(received)).toContain('The pool has 1 GiB left.');
  });

  it('gets an alarm as it is', async () => {
    await slack(delivered('{"AlarmName":"stuck"}', 'ALARM: stuck'));
    expect(received).toMatchObject([{ text: 'ALARM: stuck' }]);
  });

  it.each([429, 500, 503])('is tried again where it answers %i, and hears it once', async (status) => {
    answers = [{ status, retryAfter: '0' }, { status: 200 }];
    await slack(delivered(message));
    expect(received).toHaveLength(1);
  });

  it('that stays away fails the delivery, so that it is not lost', async () => {
    answers = Array.from({ length: 3 }, () => ({ status: 503, retryAfter: '0' }));
    await expect(slack(delivered(message))).rejects.toThrow('did not take the message');
  });

  it('that refuses fails at once, without telling the webhook, which is read anew', async () => {
    answers = [{ status: 404 }];
    await expect(slack(delivered(message))).rejects.toThrow(/^Slack refused the message: 404\.$/);
    await slack(delivered(message));
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
    expect(received).toHaveLength(1);
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
