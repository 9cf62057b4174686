import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';

export interface TimerProps {
  readonly config: Config;
  readonly every: Duration;
  readonly target: IFunction;
  readonly deadLetters: IQueue;
}

/** Runs a function again and again, from a minute up. A run that fails is not repeated: the next one is near. */
export class Timer extends Construct {
  constructor(scope: Construct, id: string, { config, every, target, deadLetters }: TimerProps) {
    super(scope, id);
    new Schedule(this, 'Schedule', {
      description: `NovaCron ${config.installation}`,
      schedule: ScheduleExpression.rate(every),
      target: new LambdaInvoke(target, { deadLetterQueue: deadLetters, retryAttempts: 0 }),
    });
  }
}
