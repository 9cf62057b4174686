import { Aws, CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ApiStack } from './api-stack.ts';
import type { Bundle } from './bundles.ts';
import type { Config } from './config.ts';
import { deadLetterQueue } from './constructs/delayed-queue.ts';
import { feedFromOurBus, feedFromQueue } from './constructs/feeds.ts';
import { type Handler, type HandlerMaker, handlers } from './constructs/handler.ts';
import { NoticeQueue } from './constructs/notice-queue.ts';
import { releaseOf } from './constructs/release.ts';
import type { Environment } from './environment.ts';
import { allow, mayUpdate } from './grants.ts';
import { pascal } from './names.ts';
import { mayKeepRules, mayPush, mayRedrive } from './powers.ts';
import { mayTellReceivers } from './receiver-powers.ts';
import type { StateStack } from './state-stack.ts';

export interface AlertsStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly api: ApiStack;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** What people hear, as the bus tells it: the function that puts it into words, and of which events. */
const TOLD = {
  'alerting/operation-failed': {
    purpose: 'Tells of an operation that failed: what, why, which VM',
    description: 'Operations that failed, or that need a person',
    source: ['novacron.operation'],
    detailType: ['Operation Failed', 'Operation Needs Attention'],
  },
  'alerting/audit-finding': {
    purpose: 'Tells of what an audit found: what is wrong, since when, what to do',
    description: 'What an audit found for the first time',
    source: ['novacron.finding'],
    detailType: ['Audit Finding'],
  },
  'alerting/schedule-missed': {
    purpose: 'Tells of VMs that are not where their schedule wants them, and once a day of what schedules did',
    description: 'Schedules whose VMs were not up, or not off, in time, and digests of schedules',
    source: ['novacron.schedule'],
    detailType: ['Schedule Missed', 'Schedule Digest'],
  },
  'alerting/calendar-down': {
    purpose: 'Tells of a calendar whose feed cannot be read: since when, why, what to do',
    description: 'Feeds of calendars that have been down for a day',
    source: ['novacron.calendar'],
    detailType: ['Calendar Feed Down'],
  },
  'alerting/silence-due': {
    purpose: 'Tells of a silence that ends soon: which alerts will be heard again, who made it, what to do',
    description: 'Silences whose end may have to be told',
    source: ['novacron.alert'],
    detailType: ['Silence Due'],
  },
  'alerting/condition-changed': {
    purpose: "Begins and ends the plane's own alerts by what is so of hosts and VMs",
    description: 'Changes of hosts and VMs that alerts are about, and each minute that some are open',
    source: ['novacron.alert'],
    detailType: ['Alert Condition Changed', 'Own Alerts Open'],
  },
};

/** The URLs of queues by their channels, as functions read them. */
const queuesOf = (queues: readonly NoticeQueue[]): string =>
  `{${queues.map(({ channel, queue }) => `"${channel}":"${queue.queueUrl}"`).join()}}`;

/** What people hear: failed operations and findings of audits from the bus, through a queue for each channel, to e-mail and Slack. */
export class AlertsStack extends Stack {
  /** What failed for good before a channel's queue, or will never be taken behind it. */
  readonly deadLetters: Queue;
  /** Notices whose channel was away for most of a day. */
  readonly unsent: Queue;
  /** Of each channel. */
  readonly notices: readonly NoticeQueue[];
  readonly handlers: readonly Handler[];

  constructor(scope: Construct, id: string, props: AlertsStackProps) {
    const { config, state, api, bundles, ...rest } = props;
    super(scope, id, { description: `NovaCron ${config.installation}: alerts to e-mail and Slack`, ...rest });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', state.key);
    this.unsent = deadLetterQueue(this, 'Unsent', state.key, { fifo: true });
    const queued = { key: state.key, unsent: this.unsent };
    const topic = new NoticeQueue(this, 'TopicNotices', { channel: 'topic', ...queued });
    const parameter = config.slackWebhookParameter;
    const slack = parameter && new NoticeQueue(this, 'SlackNotices', { channel: 'slack', ...queued });
    this.notices = slack ? [topic, slack] : [topic];
    const release = releaseOf(this, state.releaseAlarms);
    const offers: Environment = {
      ...api.offers,
      DEAD_LETTERS_URL: this.deadLetters.queueUrl,
      UNSENT_ARN: this.unsent.queueArn,
    };
    const makeFor = (queues: readonly NoticeQueue[]): HandlerMaker =>
      handlers(this, {
        config,
        key: state.key,
        bundles,
        offers: { ...offers, NOTICE_QUEUES: queuesOf(queues) },
        release,
      });
    const make = makeFor(this.notices);
    this.handlers = [
      ...this.tellers(make, state),
      this.groups(make, state, config),
      this.rules(make, state),
      this.topic(make, state, topic),
      ...(slack ? [this.slack(make, state, slack, parameter), this.alarms(makeFor([slack]), state, slack)] : []),
    ];
    if (config.alertEmail) {
      // Made here, not by the topic: its stack comes first and must not refer to this one.
      new Subscription(this, 'Email', {
        topic: state.alerts,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: config.alertEmail,
        deadLetterQueue: this.deadLetters,
      });
    }
    for (const { channel, queue } of this.notices) {
      new CfnOutput(this, `${pascal(channel)}NoticesUrl`, { value: queue.queueUrl });
    }
    new CfnOutput(this, 'AlertsDeadLettersUrl', { value: this.deadLetters.queueUrl });
    new CfnOutput(this, 'UnsentNoticesArn', { value: this.unsent.queueArn });
  }

  private tellers(make: HandlerMaker, state: StateStack): Handler[] {
    return Object.entries(TOLD).map(([entry, { purpose, ...pattern }]) => {
      const handler = make(entry, {
        purpose,
        rows: state.state,
        may: [mayPush(state.looks.queue, ...this.notices.map(({ queue }) => queue))],
        deadLetters: this.deadLetters,
      });
      feedFromOurBus(handler, state, this.deadLetters, pattern);
      return handler;
    });
  }

  /** Groups of alerts reach receivers by themselves, with secrets of projects, and the channels through their queues. */
  private groups(make: HandlerMaker, state: StateStack, config: Config): Handler {
    const handler = make('alerting/group-due', {
      purpose: 'Tells the receivers of a group of alerts what they do not know yet',
      rows: state.state,
      may: [
        mayPush(state.looks.queue, ...this.notices.map(({ queue }) => queue)),
        ...mayTellReceivers(config, state.key),
        mayRedrive(this.unsent),
      ],
      deadLetters: this.deadLetters,
    });
    feedFromOurBus(handler, state, this.deadLetters, {
      description: 'Groups of alerts that are due, and channels that are tried or told again',
      source: ['novacron.alert'],
      detailType: ['Alert Group Due', 'Channel Test', 'Channel Redeliver'],
    });
    return handler;
  }

  /** What samples that come do not show: that some do not, and what is made of several sources. */
  private rules(make: HandlerMaker, state: StateStack): Handler {
    const handler = make('alerting/rules-due', {
      purpose: 'Looks at rules as time goes by',
      rows: state.state,
      may: [mayKeepRules(state.telemetry), mayPush(state.looks.queue)],
      deadLetters: this.deadLetters,
    });
    feedFromOurBus(handler, state, this.deadLetters, {
      description: 'Rules are due, each minute while there are hosts',
      source: ['novacron.alert'],
      detailType: ['Rules Due'],
    });
    return handler;
  }

  private topic(make: HandlerMaker, state: StateStack, { queue }: NoticeQueue): Handler {
    const handler = make('alerting/channels/topic', {
      purpose: 'Publishes notices to the alert topic',
      may: [allow(['sns:Publish'], [state.alerts.topicArn]), ...this.maySend(state)],
      deadLetters: this.deadLetters,
    });
    feedFromQueue(handler, queue, { maxConcurrency: 2 });
    return handler;
  }

  private slack(make: HandlerMaker, state: StateStack, { queue }: NoticeQueue, parameter: string): Handler {
    const handler = make('alerting/channels/slack', {
      purpose: 'Posts notices to Slack',
      may: [
        allow(['ssm:GetParameter'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${parameter}`]),
        ...this.maySend(state),
      ],
      deadLetters: this.deadLetters,
    });
    feedFromQueue(handler, queue, { maxConcurrency: 2 });
    return handler;
  }

  /** CloudWatch speaks to the topic alone: Slack hears it by its own queue, and e-mail as it is. */
  private alarms(make: HandlerMaker, state: StateStack, { queue }: NoticeQueue): Handler {
    const handler = make('alerting/alarm-told', {
      purpose: 'Hands alarms to the channels that do not hear the topic',
      may: [mayPush(queue)],
      deadLetters: this.deadLetters,
    });
    const subscribed = state.alerts.addSubscription(
      new LambdaSubscription(handler.live, { deadLetterQueue: this.deadLetters }),
    );
    Validations.of(subscribed).acknowledge({
      id: 'CloudFormation-Validate::W3694',
      reason: 'In prod the endpoint is the alias of the function, which SNS takes as well.',
    });
    return handler;
  }

  /** Writes down what went out and how it goes, and lays aside what will never be taken. */
  private maySend(state: StateStack) {
    return [
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [state.telemetry.tableArn]),
      mayUpdate(state.telemetry, 'channel'),
      mayPush(this.deadLetters),
    ];
  }
}
