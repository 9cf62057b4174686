import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, vi } from 'vitest';
import { handler as groupDue } from '../../lambdas/alerting/group-due.ts';
import type { Notice } from '../../lambdas/alerting/notice.ts';
import { handler as rulesDue } from '../../lambdas/alerting/rules-due.ts';
import { handler as silenceDue } from '../../lambdas/alerting/silence-due.ts';
import { handler as lookAgain } from '../../lambdas/events/look-again.ts';
import { SOON_MS, wakeWithin } from '../../lambdas/runtime/alert-wakes.ts';
import * as due from '../../lambdas/store/due.ts';
import { CONTEXT, queued } from './stream.ts';

/** One body that a webhook was posted. */
export interface Post {
  /** Milliseconds since the story began. */
  readonly at: number;
  readonly url: string;
  readonly body: {
    readonly status: string;
    readonly receiver: string;
    readonly groupKey: string;
    readonly ackURL?: string;
    readonly alerts: readonly {
      readonly status: string;
      readonly labels: Record<string, string>;
      readonly endsAt: string;
    }[];
  };
}

interface Waiting {
  readonly at: number;
  readonly body: object;
}

/** Who hears of what on the bus. */
const HEARS: Readonly<Record<string, (event: unknown) => Promise<void>>> = {
  'Alert Group Due': groupDue,
  'Channel Test': groupDue,
  'Channel Redeliver': groupDue,
  'Rules Due': rulesDue,
  'Silence Due': silenceDue,
};

const TICK_MS = 60_000;

/**
 * A plane's alerts with a clock that is moved by hand: a queue that hands a message over once its delay is over, a tick each
 * minute, and receivers that take what they are posted unless they are away.
 */
export class AlertWorld {
  readonly begin: number;
  posts: Post[] = [];
  notices: { readonly queue: string; readonly notice: Notice }[] = [];
  /** Dead letters that were to be put back, by the ARNs of their queues. */
  putBack: string[] = [];
  /** Thrown at whoever posts to such a URL. */
  away: (url: string) => Error | undefined = () => undefined;
  /** Runs a function that tells. */
  run: (tell: () => Promise<void>) => Promise<void> = (tell) => tell();
  /** Whether such a function does nothing now: the tick, or who hears of what on the bus. */
  isDead: (stage: string) => boolean = () => false;
  /** Loses this message of the queue. */
  loses: (body: string) => boolean = () => false;
  /** What a minute brings beside groups that are due. */
  tick: () => Promise<void> = async () => undefined;
  private waiting: Waiting[] = [];
  private readonly events: { readonly type: string; readonly detail: unknown }[] = [];
  private nextTick: number;

  constructor(begin: string) {
    this.begin = Date.parse(begin);
    this.nextTick = this.begin + TICK_MS;
  }

  /** Goes back to the beginning; nothing waits. */
  restart(): void {
    this.waiting = [];
    this.events.length = 0;
    this.nextTick = this.begin + TICK_MS;
    vi.setSystemTime(this.begin);
  }

  take(url: string, body: string): void {
    const error = this.away(url);
    if (error) throw error;
    this.posts.push({ at: Date.now() - this.begin, url, body: JSON.parse(body) });
  }

  /** A message of the queue of looks. */
  order(body: string, delaySeconds: number): void {
    if (!this.loses(body)) this.waiting.push({ at: Date.now() + delaySeconds * 1_000, body: JSON.parse(body) });
  }

  /** What somebody put on the bus. */
  publish(type: string, detail: string): void {
    this.events.push({ type, detail: JSON.parse(detail) });
  }

  /** Lets everybody hear of what is on the bus. */
  async hearEvents(): Promise<void> {
    for (const { type, detail } of this.events.splice(0)) {
      const hear = this.isDead(type) ? undefined : HEARS[type];
      if (hear) await this.run(() => hear({ 'detail-type': type, detail }));
    }
  }

  /** Of many thousands that wait, without sorting them each time; of one moment, the first that was ordered. */
  private earliest(): Waiting | undefined {
    let earliest: Waiting | undefined;
    for (const each of this.waiting) if (earliest === undefined || each.at < earliest.at) earliest = each;
    return earliest;
  }

  private async step(until: number): Promise<boolean> {
    const next = this.earliest();
    const at = Math.min(next?.at ?? this.nextTick, this.nextTick);
    if (at > until) return false;
    vi.setSystemTime(Math.max(at, Date.now()));
    if (next && next.at <= this.nextTick) {
      this.waiting = this.waiting.filter((each) => each !== next);
      await lookAgain(queued(next.body), CONTEXT);
      await this.hearEvents();
      return true;
    }
    this.nextTick += TICK_MS;
    if (this.isDead('tick')) return true;
    await wakeWithin((await due.read(Date.now(), SOON_MS)).alertGroups, Date.now());
    await this.tick();
    await this.hearEvents();
    return true;
  }

  /** Lets time go on until so many seconds after the beginning. */
  async until(seconds: number): Promise<void> {
    const until = this.begin + seconds * 1_000;
    while (await this.step(until));
    vi.setSystemTime(until);
  }
}

/** A world for each test. The module that posts must be mocked to `world().take`. */
export const alertWorld = (begin = '2026-11-25T10:00:00.000Z'): (() => AlertWorld) => {
  const sqs = mockClient(SQSClient);
  const bus = mockClient(EventBridgeClient);
  let world = new AlertWorld(begin);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(begin) });
    world = new AlertWorld(begin);
    sqs.reset();
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
      for (const { MessageBody = '', DelaySeconds = 0 } of Entries) world.order(MessageBody, DelaySeconds);
      return { Successful: [], Failed: [] };
    });
    bus.reset();
    bus.on(PutEventsCommand).callsFake(({ Entries = [] }) => {
      for (const { DetailType = '', Detail = '{}' } of Entries) world.publish(DetailType, Detail);
      return { Entries: [] };
    });
    sqs.on(StartMessageMoveTaskCommand).callsFake(({ SourceArn = '' }) => {
      world.putBack.push(SourceArn);
      return { TaskHandle: 'task' };
    });
    sqs.on(SendMessageCommand).callsFake(({ QueueUrl = '', MessageBody = '' }) => {
      world.notices.push({ queue: QueueUrl, notice: JSON.parse(MessageBody) });
      return {};
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return () => world;
};
