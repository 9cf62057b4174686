import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefixOf } from '../local/asked-vms.ts';
import { eventually, HOME, plane } from '../local/plane.ts';
import { beSlack, ROOT_SETTINGS } from '../local/slack-receiver.ts';
import { IS_LONG } from '../support/cases.ts';
import { usingFaultProxy } from './rig.ts';

/**
 * F-11 on the real plane: failed operations are told on the bus, and go through the product's queues and functions to
 * SNS's outbox of mails and to a Slack of ours, while both are away. Ten minutes in the long form.
 */
const proxy = usingFaultProxy();
const AWAY_SECONDS = IS_LONG ? 600 : 15;
/** How soon a channel that is away is asked again: the queue's visibility time-out, a minute as deployed. */
const AGAIN_SECONDS = IS_LONG ? 60 : 8;
const VMS = 10;
const EACH_MS = 400;

const bus = new EventBridgeClient(ROOT_SETTINGS);
const sqs = new SQSClient(ROOT_SETTINGS);
const prefix = prefixOf('op-away');
const QUEUES = ['TopicNotices', 'SlackNotices'];

/** What Slack took, as the ids of operations in the order of their arrival; and what it refused. */
const posted: string[] = [];
const refusals = { '500': 0, '429': 0, hang: 0 };
let isAway = false;

/** Refuses in turn as receivers do. A caller whose connection hangs has nothing taken. */
const slack: Server = createServer((request, response) => {
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    if (!isAway) {
      // The plane has other things to say, such as that a host is back.
      if (idIn(body) !== '') posted.push(idIn(body));
      response.end('ok');
      return;
    }
    const way = (['500', '429', 'hang'] as const)[(refusals['500'] + refusals['429'] + refusals.hang) % 3] ?? '500';
    refusals[way] += 1;
    if (way === 'hang') return;
    response.writeHead(Number(way), way === '429' ? { 'retry-after': '1' } : {}).end();
  });
});

const idIn = (text: string): string => new RegExp(`${prefix}-\\d+`).exec(text)?.[0] ?? '';

/** Mails of this run, in the order in which SNS took them. */
const mailed = (): string[] => {
  const folder = join(HOME, 'state', 'outbox');
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .filter((text) => idIn(text) !== '')
    .map((text): { at: number; id: string } => ({ at: JSON.parse(text).at, id: idIn(text) }))
    .sort((a, b) => a.at - b.at)
    .map(({ id }) => id);
};

const visibility = async (seconds: number): Promise<void> => {
  for (const output of QUEUES) {
    const QueueUrl = plane.outputs[`${output}Url`];
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }));
  }
};

/** How many notices each queue holds, of which nobody takes any while both channels are away: the fewer of the two. */
const held = async (): Promise<number> => {
  const counts = QUEUES.map(async (output) => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: plane.outputs[`${output}Url`],
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  });
  return Math.min(...(await Promise.all(counts)));
};

beforeAll(async () => {
  await beSlack(slack);
  await visibility(AGAIN_SECONDS);
});
afterAll(async () => {
  await visibility(60);
  slack.close();
  slack.closeAllConnections();
});

/** Tells the bus of an operation that failed, as events/state-streamed.ts does. */
const fail = async (number: number): Promise<void> => {
  const Detail = JSON.stringify({
    id: `${prefix}-event-${number}`,
    operationId: `${prefix}-${number}`,
    kind: 'stop-vm',
    state: 'failed',
    // Of so many within five minutes each is told by itself; a project in which more fail hears of the others by a digest.
    project: `${prefix.replace('op-away', 'p')}-${Math.floor(number / 20)}`,
    vmId: `${prefix}-vm-${number % VMS}`,
    by: 'test',
    error: { name: 'HostUnreachable', detail: 'It does not answer.' },
  });
  const entry = {
    EventBusName: plane.outputs.BusName,
    Source: 'novacron.operation',
    DetailType: 'Operation Failed',
    Detail,
  };
  await bus.send(new PutEventsCommand({ Entries: [entry] }));
};

const numberOf = (id: string): number => Number(id.slice(prefix.length + 1));

/** Ids that came before one that was told earlier of the same VM. */
const outOfOrder = (ids: readonly string[]): string[] => {
  const last = new Map<number, number>();
  return ids.filter((id) => {
    const number = numberOf(id);
    const before = last.get(number % VMS) ?? -1;
    last.set(number % VMS, number);
    return number < before;
  });
};

const isMet = async (): Promise<boolean> =>
  Object.values(refusals).every((count) => count > 0) && (await proxy().fired()).every((count) => count > 0);

describe('SNS and Slack that are away', () => {
  it('hear of each failed operation once, and in order for each VM, when they are back', {
    timeout: 1_200_000,
  }, async () => {
    isAway = true;
    await proxy().break({ service: 'sns', operation: 'Publish', error: { code: 'InternalError', status: 500 } });
    const over = Date.now() + AWAY_SECONDS * 1_000;
    const before = await held();
    let told = 0;
    // An outage that nobody has met is none: on a busy machine the first function may start late.
    while (Date.now() < over || !(await isMet())) {
      // The bus knows no order: the next of a VM is told when the one before has come to the queue, which does.
      if (told % VMS === 0) await eventually('all so far are held', 120, async () => (await held()) - before >= told);
      await fail(told);
      told += 1;
      await new Promise((wake) => setTimeout(wake, EACH_MS));
    }
    expect([posted, mailed()]).toEqual([[], []]);
    const [publishes] = await proxy().mend();
    isAway = false;
    const back = Date.now();
    await eventually(
      'all notices arrive',
      120 + told / 2,
      async () => posted.length >= told && mailed().length >= told,
    );
    console.log({ told, seconds: AWAY_SECONDS, publishes, refusals, caughtUp: (Date.now() - back) / 1_000 });
    // What comes twice comes soon, and would show here.
    await new Promise((wake) => setTimeout(wake, (AGAIN_SECONDS + 2) * 1_000));
    const every = Array.from({ length: told }, (_, number) => `${prefix}-${number}`).sort();
    for (const arrived of [posted, mailed()]) {
      expect([...arrived].sort()).toEqual(every);
      expect(outOfOrder(arrived)).toEqual([]);
    }
  });
});
