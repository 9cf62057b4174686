import { Aws, type Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from '../grants.ts';

export interface TimerProps {
  readonly every: Duration;
  readonly target: IFunction;
  readonly deadLetters: IQueue;
}

/** Runs a function again and again, from a minute up. A run that fails is not repeated: the next one is near. */
export class Timer extends Construct {
  constructor(scope: Construct, id: string, props: TimerProps) {
    super(scope, id);
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.rate(props.every),
      target: new LambdaInvoke(props.target, {
        // Left to itself CDK allows every version of the function as well.
        role: roleOf(this, props).withoutPolicyUpdates(),
        deadLetterQueue: props.deadLetters,
        retryAttempts: 0,
      }),
    });
  }
}

const roleOf = (scope: Construct, { target, deadLetters }: TimerProps): Role => {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  role.addToPolicy(allow(['lambda:InvokeFunction'], [target.functionArn]));
  role.addToPolicy(allow(['sqs:SendMessage'], [deadLetters.queueArn]));
  return role;
};
