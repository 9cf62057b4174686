import { Aws, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';

export interface RegionStackProps extends StackProps {
  readonly config: Config;
  readonly homeRegion: string;
}

/** What a further Region needs: its EC2 state changes go to the default bus of the home Region, whose rules hear both. */
export class RegionStack extends Stack {
  constructor(scope: Construct, id: string, { config, homeRegion, ...props }: RegionStackProps) {
    super(scope, id, { description: `NovaCron ${config.installation}: EC2 events of a further Region`, ...props });
    const home = EventBus.fromEventBusArn(
      this,
      'Home',
      `arn:${Aws.PARTITION}:events:${homeRegion}:${Aws.ACCOUNT_ID}:event-bus/default`,
    );
    const deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    // For targets of a rule the service names the rule ("Cross-service confused deputy prevention", EventBridge User Guide).
    const role = new Role(this, 'Forwarding', {
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/*` },
        },
      }),
    });
    new Rule(this, 'Forward', {
      description: `EC2 state changes to NovaCron ${config.installation} in ${homeRegion}`,
      eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'] },
      targets: [new BusTarget(home, { role, deadLetterQueue: deadLetters })],
    });
  }
}
