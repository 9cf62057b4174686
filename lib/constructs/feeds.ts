import { Duration, type Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../config.ts';
import { documentName, machineArns, pascal } from '../names.ts';
import type { StateStack } from '../state-stack.ts';
import type { Handler } from './handler.ts';

export interface StreamFeed {
  readonly filter: Record<string, unknown>;
  /**
   * How long a row that fails is delivered again, with those behind it, before it is laid aside alone: `hours` for a function that
   * lays aside by itself what will never do, else so many more tries.
   */
  readonly again: { readonly hours: number } | { readonly tries: number };
}

/** Hands changed rows that fit the filter to a function, in order. */
export const feedFromStream = (
  handler: Handler,
  state: StateStack,
  deadLetters: Queue,
  { filter, again }: StreamFeed,
): void =>
  handler.live.addEventSource(
    // The class lacks only the `| undefined` that exactOptionalPropertyTypes asks of its interface.
    new DynamoEventSource(state.state as ITable, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 25,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      ...('tries' in again ? { retryAttempts: again.tries } : { maxRecordAge: Duration.hours(again.hours) }),
      // By its ARN: with the queue itself CDK grants kms:…* on the key, which the key's own policy gives already.
      onFailure: new SqsDlq(Queue.fromQueueArn(handler, 'DeadLetters', deadLetters.queueArn)),
      filters: [FilterCriteria.filter(filter)],
    }),
  );

/** Hands over messages once their delay is over; at most `maxConcurrency` functions at once, so that a flood waits in the queue. */
export const feedFromQueue = (
  handler: Handler,
  queue: Queue,
  { maxConcurrency, batchSize = 10 }: { readonly maxConcurrency: number; readonly batchSize?: number },
): void =>
  handler.live.addEventSource(
    new SqsEventSource(queue, {
      batchSize,
      // Lambda asks for a window where a batch holds more than a poll.
      ...(batchSize > 10 ? { maxBatchingWindow: Duration.seconds(1) } : {}),
      reportBatchItemFailures: true,
      maxConcurrency,
    }),
  );

/** The statuses after which a command changes no more. */
const ENDED = [
  'Success',
  'Failed',
  'TimedOut',
  'Cancelled',
  'DeliveryTimedOut',
  'ExecutionTimedOut',
  'Undeliverable',
  'Terminated',
];

const patternsOf = (stack: Stack, config: Config): Readonly<Record<string, EventPattern>> => ({
  'events/command-finished': {
    source: ['aws.ssm'],
    detailType: ['EC2 Command Invocation Status-change Notification'],
    detail: { status: ENDED, 'document-name': Match.prefix(documentName(config.installation, '')) },
  },
  // Such an execution may have left no record. The undo machine is not heard: the sweeper begins it anew.
  'events/execution-ended': {
    source: ['aws.states'],
    detailType: ['Step Functions Execution Status Change'],
    detail: {
      status: ['TIMED_OUT', 'ABORTED', 'FAILED'],
      stateMachineArn: machineArns(stack, config.installation).slice(0, -1),
    },
  },
});

/** Puts what EC2 tells of its instances into the queue of looks, in which many are looked at together. Best effort, as below. */
export const feedQueueOfLooks = (stack: Stack, config: Config, { looks }: StateStack, deadLetters: Queue): void => {
  new Rule(stack, 'OnInstanceChanged', {
    description: `Bids NovaCron ${config.installation} look at an instance`,
    eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'] },
    // By its ARN: the queue's own policy, in its own stack, lets rules of this account in.
    targets: [
      new SqsQueue(Queue.fromQueueArn(stack, 'Looks', looks.queue.queueArn), {
        deadLetterQueue: deadLetters,
        retryAttempts: 8,
        maxEventAge: Duration.hours(1),
      }),
    ],
  });
};

/** Hands events of AWS's own bus to their listeners. Best effort: the looks and the sweeper cover what never comes. */
export const feedFromBus = (
  stack: Stack,
  config: Config,
  named: (entry: string) => Handler,
  deadLetters: Queue,
): void => {
  for (const [entry, eventPattern] of Object.entries(patternsOf(stack, config))) {
    new Rule(stack, `On${pascal(entry.slice('events/'.length))}`, {
      description: `Wakes ${entry} of NovaCron ${config.installation}`,
      eventPattern,
      targets: [
        new LambdaFunction(named(entry).live, {
          deadLetterQueue: deadLetters,
          retryAttempts: 8,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }
};

/** Hands events of our own bus to a function. */
export const feedFromOurBus = (
  handler: Handler,
  { bus }: StateStack,
  deadLetters: Queue,
  pattern: EventPattern & { readonly description: string },
): void => {
  const { description, ...eventPattern } = pattern;
  new Rule(handler, 'OnOurBus', {
    description,
    eventBus: bus,
    eventPattern,
    targets: [new LambdaFunction(handler.live, { deadLetterQueue: deadLetters, retryAttempts: 8 })],
  });
};
