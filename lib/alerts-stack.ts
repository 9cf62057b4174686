import { Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ApiStack } from './api-stack.ts';
import type { Bundle } from './bundles.ts';
import type { Config } from './config.ts';
import { deadLetterQueue } from './constructs/delayed-queue.ts';
import { feedFromOurBus } from './constructs/feeds.ts';
import { type Handler, type HandlerMaker, handlers } from './constructs/handler.ts';
import { allow, mayRead } from './grants.ts';
import type { StateStack } from './state-stack.ts';

export interface AlertsStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly api: ApiStack;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** What people hear: a failed operation, from the bus to e-mail and Slack. */
export class AlertsStack extends Stack {
  readonly deadLetters: Queue;
  readonly handlers: readonly Handler[];

  constructor(scope: Construct, id: string, props: AlertsStackProps) {
    const { config, state, api, bundles, ...rest } = props;
    super(scope, id, { description: `NovaCron ${config.installation}: alerts to e-mail and Slack`, ...rest });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', state.key);
    const offers = {
      ...api.offers,
      ALERT_TOPIC_ARN: state.alerts.topicArn,
      SLACK_WEBHOOK_PARAMETER: config.slackWebhookParameter ?? '',
    };
    const make = handlers(this, { config, key: state.key, bundles, offers });
    const failed = this.failedOperations(make, state);
    const slack = config.slackWebhookParameter ? [this.slack(make, state, config.slackWebhookParameter)] : [];
    this.handlers = [failed, ...slack];
    if (config.alertEmail) {
      // Made here, not by the topic: its stack comes first and must not refer to this one.
      new Subscription(this, 'Email', {
        topic: state.alerts,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: config.alertEmail,
        deadLetterQueue: this.deadLetters,
      });
    }
    new CfnOutput(this, 'AlertsDeadLettersUrl', { value: this.deadLetters.queueUrl });
  }

  private failedOperations(make: HandlerMaker, state: StateStack): Handler {
    const handler = make('alerting/operation-failed', {
      purpose: 'Tells of an operation that failed: what, why, which VM',
      may: [mayRead(state.state), allow(['sns:Publish'], [state.alerts.topicArn])],
      deadLetters: this.deadLetters,
    });
    feedFromOurBus(handler, state, this.deadLetters, {
      description: 'Operations that failed, or that need a person',
      source: ['novacron.operation'],
      detailType: ['Operation Failed', 'Operation Needs Attention'],
    });
    return handler;
  }

  private slack(make: HandlerMaker, state: StateStack, parameter: string): Handler {
    const handler = make('alerting/channels/slack', {
      purpose: 'Posts alerts to Slack',
      may: [
        allow(['ssm:GetParameter'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${parameter}`]),
      ],
      deadLetters: this.deadLetters,
    });
    state.alerts.addSubscription(new LambdaSubscription(handler, { deadLetterQueue: this.deadLetters }));
    return handler;
  }
}
