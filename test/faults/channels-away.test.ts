import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
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
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as slack } from '../../lambdas/alerting/channels/slack.ts';
import { handler as topic } from '../../lambdas/alerting/channels/topic.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';
import { IS_LONG, SEED } from '../support/cases.ts';
import { FifoQueue } from '../support/fifo-queue.ts';
import { Random } from '../support/random.ts';
import { enter, leave } from '../support/simulation/now.ts';
import { Scheduler, START } from '../support/simulation/scheduler.ts';

/**
 * F-11: ten thousand notices while a channel is away for ten minutes, in virtual time. The functions of the product, SQS's
 * FIFO queues as they are deployed, and receivers that answer as receivers do which are away. Beside it events come twice, and
 * functions die before their answer arrives.
 */
const NOTICES = 10_000;
const VMS = 500;
const AWAY_FROM = START + 60_000;
const AWAY_MS = 600_000;
/** From a minute before the outage to its end. */
const GAP_MS = (AWAY_MS + 60_000) / NOTICES;
/** A notice whose function died comes again after a minute; one in 2,500 dies twice. */
const UNHURT_MS = 185_000;

/** What a receiver does that is away; the last one only Slack can do. */
const WAYS = ['500', 'reset', 'time-out', '429'] as const;
type Way = (typeof WAYS)[number];
type ChannelName = 'topic' | 'slack';

interface Arrival {
  readonly id: string;
  readonly at: number;
}

let scheduler: Scheduler;
let random: Random;
let away: ChannelName | undefined;
let waysOf: readonly Way[];
let arrived: Record<ChannelName, Arrival[]>;
let queues: Record<ChannelName, FifoQueue>;
const refused = { topic: 0, slack: 0 };

const isAway = (name: ChannelName): boolean =>
  away === name && scheduler.now >= AWAY_FROM && scheduler.now < AWAY_FROM + AWAY_MS;

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    scheduler.after(milliseconds, '', resolve);
  });

/** A receiver's answer to one notice: it takes it, or does one of the things that it does while it is away. */
const answerOf = async (name: ChannelName, id: string, signal?: AbortSignal | null): Promise<Way | 'taken'> => {
  await wait(random.between(5, 40));
  if (!isAway(name)) {
    arrived[name].push({ id, at: scheduler.now });
    return 'taken';
  }
  refused[name] += 1;
  const way = random.pick(waysOf);
  if (way !== 'time-out') return way;
  await new Promise<void>((given) => signal?.addEventListener('abort', () => given()));
  return way;
};

/** Slack, as fetch meets it. */
const fetchSlack = async (_: unknown, init?: RequestInit): Promise<Response> => {
  const id = /op-\d+/.exec(String(init?.body))?.[0] ?? '';
  const way = await answerOf('slack', id, init?.signal);
  if (way === 'reset' || way === 'time-out') throw new TypeError('fetch failed');
  const headers = { 'retry-after': String(random.whole(1, 40)) };
  return new Response('', way === 'taken' ? { status: 200 } : { status: Number(way), headers });
};

/** SNS, as its client meets it: the client has tried three times before it throws. */
const publish = async (message: string): Promise<object> => {
  const way = await answerOf('topic', /op-\d+/.exec(message)?.[0] ?? '', AbortSignal.timeout(5_000));
  if (way === 'taken') return {};
  throw Object.assign(new Error(way), way === '500' ? { $fault: 'server' } : { name: 'TimeoutError' });
};

/** As AbortSignal.timeout, in virtual time. */
const timeout = (milliseconds: number): AbortSignal => {
  const controller = new AbortController();
  scheduler.after(milliseconds, '', () => controller.abort(), true);
  return controller.signal;
};

/** The AWS of these functions: queues, SNS, the webhook's parameter, the table of marks, and rules that nobody has changed. */
const aws = () => {
  const rows = new Map<string, object>();
  const placeOf = ({ pk, sk }: Readonly<Record<string, unknown>> = {}) => `${pk} ${sk}`;
  return async (command: unknown): Promise<object> => {
    if (command instanceof SendMessageCommand) {
      queues[command.input.QueueUrl?.includes('slack') ? 'slack' : 'topic'].send(command.input);
      return {};
    }
    if (command instanceof PublishCommand) return publish(command.input.Message ?? '');
    if (command instanceof GetParameterCommand) return { Parameter: { Value: 'https://slack.test/hook' } };
    if (command instanceof GetCommand) return { Item: rows.get(placeOf(command.input.Key)) };
    if (command instanceof PutCommand) return rows.set(placeOf(command.input.Item), command.input.Item ?? {});
    if (command instanceof UpdateCommand) return {};
    if (command instanceof BatchGetCommand) return { Responses: {} };
    if (command instanceof QueryCommand) return { Items: [] };
    throw new Error('nobody answers this call');
  };
};

beforeEach(() => {
  scheduler = new Scheduler(START);
  random = new Random(SEED);
  arrived = { topic: [], slack: [] };
  refused.topic = 0;
  refused.slack = 0;
  enter({ scheduler, random });
  vi.stubGlobal('fetch', fetchSlack);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(timeout);
  queues = {
    topic: new FifoQueue(scheduler, topic, () => random.chance(0.02)),
    slack: new FifoQueue(scheduler, slack, () => random.chance(0.02)),
  };
  const answer = aws();
  for (const client of [SQSClient, SNSClient, SSMClient, DynamoDBDocumentClient]) {
    // Each client's send has overloads of its own; all are called with a command.
    vi.spyOn(client.prototype, 'send').mockImplementation(answer as never);
  }
});
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const operationOf = (number: number) => ({
  id: `event-${number}`,
  operationId: `op-${number}`,
  kind: 'stop-vm',
  state: 'failed',
  // Of so many within five minutes each is told by itself; a project in which more fail hears of the others by a digest.
  project: `p-${Math.floor(number / 10)}`,
  vmId: `vm-${number % VMS}`,
  by: 'token:t',
  error: { name: 'HostUnreachable', detail: 'It does not answer.' },
});

/** Lets ten thousand operations fail from a minute before the outage to its end, some told twice, and all of it come to rest. */
const play = async (): Promise<void> => {
  for (let number = 0; number < NOTICES; number += 1) {
    const tell = () => void operationFailed({ detail: operationOf(number) });
    scheduler.after(number * GAP_MS, '', tell);
    if (random.chance(0.1)) scheduler.after(number * GAP_MS + random.between(0, 600_000), '', tell);
  }
  await scheduler.run(START + 12 * 3_600_000, () => false);
};

const idsOf = (arrivals: readonly Arrival[]): string[] => arrivals.map(({ id }) => id);
const numberOf = ({ id }: Arrival): number => Number(id.slice(3));

/** Notices that came before one that was told earlier of the same VM. */
const outOfOrder = (arrivals: readonly Arrival[]): Arrival[] => {
  const last = new Map<number, number>();
  return arrivals.filter((arrival) => {
    const number = numberOf(arrival);
    const before = last.get(number % VMS) ?? -1;
    last.set(number % VMS, number);
    return number < before;
  });
};

const EVERY = Array.from({ length: NOTICES }, (_, number) => `op-${number}`).sort();

describe.each([
  ['slack', 'topic'],
  ['topic', 'slack'],
] as const)('%s away for ten minutes, %s not', (lost, other) => {
  const can = lost === 'slack' ? WAYS : WAYS.slice(0, 3);
  it.each<readonly [string, readonly Way[]]>([
    ['does all that the absent do', can],
    // CI plays the case that has all others in it.
    ...(IS_LONG ? can.map((way) => [`only does this (${way})`, [way]] as const) : []),
  ])('which %s: ten thousand notices arrive once each, in order for each VM', async (_, ways) => {
    away = lost;
    waysOf = ways;
    await play();
    expect(refused[lost]).toBeGreaterThan(20);
    for (const name of [lost, other] as const) {
      // Nothing lost and nothing doubled is the same list.
      expect(idsOf(arrived[name]).sort(), `NOVACRON_SEED=${SEED}`).toEqual(EVERY);
      expect(outOfOrder(arrived[name])).toEqual([]);
      expect(queues[name].deadLetters).toEqual([]);
    }
    const back = arrived[lost].find(({ at }) => at >= AWAY_FROM + AWAY_MS)?.at ?? Number.POSITIVE_INFINITY;
    expect(back - (AWAY_FROM + AWAY_MS)).toBeLessThanOrEqual(60_000);
    const waited = arrived[other].map((arrival) => arrival.at - (START + numberOf(arrival) * GAP_MS));
    expect(Math.max(...waited)).toBeLessThan(UNHURT_MS);
  });
});
