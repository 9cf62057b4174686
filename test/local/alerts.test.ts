import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, eventually, HOME, plane } from './plane.ts';
import { beSlack, ROOT_SETTINGS } from './slack-receiver.ts';

/** A failed operation reaches a person by e-mail and by Slack, with what failed, why, the VM and the operation. */
const received: string[] = [];
const slack = createServer((request, response) => {
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    received.push(body);
    response.end('ok');
  });
});

beforeAll(() => beSlack(slack));
afterAll(() => {
  slack.close();
});

const outbox = (): string[] => {
  const folder = join(HOME, 'state', 'outbox');
  try {
    return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  } catch {
    return []; // nothing was mailed yet
  }
};

describe('a failed operation', () => {
  it('is told by e-mail and in Slack, and leaves nothing behind', async () => {
    const name = `bad-${Date.now().toString(36).slice(-5)}`;
    const asked = await api('POST', '/v1/vms', {
      name,
      provider: 'ec2',
      image: 'ami-00000000000000000',
      size: 'small',
    });
    expect(asked.status).toBe(202);
    const operation = await eventually('the operation fails', 90, async () => {
      const { json } = await api('GET', `/v1/operations/${asked.json.id}`);
      return json.state === 'failed' ? json : undefined;
    });
    expect(operation.error.name).toBe('SpecRefused');
    const mail = await eventually('the e-mail', 60, async () => outbox().find((text) => text.includes(operation.id)));
    const post = await eventually('the Slack message', 60, async () =>
      received.find((text) => text.includes(operation.id)),
    );
    for (const text of [mail, post]) {
      expect(text).toContain(name);
      expect(text).toContain('SpecRefused');
      expect(text).toContain('create-vm');
    }
    const { json } = await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`);
    expect(json.items.filter(({ state }: { state: string }) => !['deleted', 'error'].includes(state))).toEqual([]);
  });
});

describe('an alarm', () => {
  it('that CloudWatch publishes is told by e-mail and in Slack, once each', async () => {
    const name = `alarm-${Date.now().toString(36).slice(-5)}`;
    const alarm = { AlarmName: name, NewStateValue: 'ALARM' };
    await new SNSClient(ROOT_SETTINGS).send(
      new PublishCommand({
        TopicArn: plane.outputs.AlertTopicArn,
        Subject: `ALARM: ${name}`,
        Message: JSON.stringify(alarm),
      }),
    );
    await eventually('the Slack message', 60, async () => received.some((text) => text.includes(name)));
    for (const texts of [received, outbox()]) expect(texts.filter((text) => text.includes(name))).toHaveLength(1);
  });
});
