import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from '../grants.ts';
import { pascal } from '../names.ts';

const MINUTE = Duration.minutes(1);

export interface ReleaseProps {
  /** Any of them rolls a deployment back. */
  readonly alarms: readonly IAlarm[];
}

/**
 * How new code of a stack's functions comes to traffic in prod: an alias gives the new version a tenth of the calls for
 * five minutes, then all of them; when an alarm rings meanwhile, CodeDeploy turns the alias back and CloudFormation the stack.
 * Source: AWS, "Deploying Lambda functions with CodeDeploy", and `CodeDeployLambdaAliasUpdate` of CloudFormation.
 */
export class Release extends Construct {
  private readonly application: LambdaApplication;
  private readonly role: Role;
  private readonly alarms: readonly IAlarm[];

  constructor(scope: Construct, id: string, { alarms }: ReleaseProps) {
    super(scope, id);
    this.alarms = alarms;
    this.application = new LambdaApplication(this, 'Application');
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'Shifts aliases to new versions, and back',
    });
    this.role.addToPolicy(
      allow(
        ['cloudwatch:DescribeAlarms'],
        alarms.map(({ alarmArn }) => alarmArn),
      ),
    );
  }

  /** The alias through which a function is called. */
  aliasOf(handler: LambdaFunction, entry: string): Alias {
    // The class lacks only the `| undefined` that exactOptionalPropertyTypes asks of its interface.
    const alias = new Alias(handler, 'Live', { aliasName: 'live', version: handler.currentVersion as IVersion });
    this.role.addToPolicy(allow(['lambda:GetAlias', 'lambda:UpdateAlias'], [handler.functionArn, alias.functionArn]));
    new LambdaDeploymentGroup(this, pascal(entry.replaceAll('/', '-')), {
      application: this.application,
      alias,
      alarms: [...this.alarms],
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      // Left to itself CDK adds AWS's own policy, which is wider.
      role: this.role.withoutPolicyUpdates(),
    });
    return alias;
  }
}

/** What a release alarm looks at, and whom it tells. */
export interface ReleaseAlarmProps {
  readonly metric: IMetric;
  /** A sentence. */
  readonly text: string;
  readonly topic: ITopic;
}

/** Rings at the first count of a minute; where nothing is counted, nothing is wrong. */
export const releaseAlarm = (scope: Construct, id: string, { metric, text, topic }: ReleaseAlarmProps): Alarm => {
  const alarm = new Alarm(scope, id, {
    metric,
    alarmDescription: `${text} A release under way is rolled back. Runbook: docs/runbook.md#errors-of-functions`,
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
};

/** A stack's release; none where no alarm could roll it back. */
export const releaseOf = (scope: Construct, alarms: readonly IAlarm[]): Release | undefined =>
  alarms.length === 0 ? undefined : new Release(scope, 'Release', { alarms });

/**
 * Rings where a function crashed or ran out of time. Over all functions of the account and Region: one metric, where one
 * for each function would cost more than all the rest of an idle plane. A stranger's error rolls back too: the safe side.
 */
export const functionErrorsAlarm = (scope: Construct, topic: ITopic): Alarm =>
  releaseAlarm(scope, 'FunctionErrors', {
    metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Errors', statistic: Stats.SUM, period: MINUTE }),
    text: 'A function crashed or ran out of time.',
    topic,
  });
