import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type Config, STAGE_TRAITS } from './config.ts';
import { DelayedQueue, deadLetterQueue } from './constructs/delayed-queue.ts';
import { functionErrorsAlarm } from './constructs/release.ts';
import { nobodyChanges, rulesMaySend } from './grants.ts';
import { shareKey } from './key-policy.ts';
import { bucketName, busName } from './names.ts';

export interface StateStackProps extends StackProps {
  readonly config: Config;
}

/** What remembers: the tables, the queues of timers under a minute, the bus, the topic and the key that encrypts them all. */
export class StateStack extends Stack {
  readonly key: Key;
  readonly state: Table;
  readonly audit: Table;
  /** Signed heads of the audit's chains, locked. */
  readonly heads: Bucket;
  /** The same for policies of other stacks: an import, which reads alike before and after synthesis, as what is acknowledged must. */
  readonly importedHeads: { readonly bucketArn: string };
  readonly telemetry: Table;
  readonly bucket: Bucket;
  readonly bus: EventBus;
  readonly looks: DelayedQueue;
  readonly beats: DelayedQueue;
  /** Of what is to be asked of EC2 for many at once. */
  readonly actions: DelayedQueue;
  /** Of these three: what failed three times. A redrive sends each to where it came from. */
  readonly deadLetters: Queue;
  readonly alerts: Topic;
  /** What rolls a release back, where functions are released step by step. */
  readonly releaseAlarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { config, ...props }: StateStackProps) {
    super(scope, id, { description: `NovaCron ${config.installation}: tables, queues, bus and key`, ...props });
    const removalPolicy = STAGE_TRAITS[config.stage].retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = new Key(this, 'Key', {
      description: `Encrypts what NovaCron ${config.installation} stores`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy,
    });
    shareKey(this.key);
    this.state = this.table('State', config, { stream: StreamViewType.NEW_AND_OLD_IMAGES });
    for (const indexName of ['gsi1', 'gsi2']) {
      this.state.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: `${indexName}pk`, type: AttributeType.STRING },
        sortKey: { name: `${indexName}sk`, type: AttributeType.STRING },
      });
    }
    this.audit = this.table('Audit', config);
    this.audit.addToResourcePolicy(nobodyChanges());
    this.heads = this.headsBucket(config);
    this.importedHeads = { bucketArn: this.exportValue(this.heads.bucketArn) };
    this.telemetry = this.table('Telemetry', config);
    this.bucket = new Bucket(this, 'Handover', {
      bucketName: bucketName(config.installation),
      // User-data waits here between the request and the launch, then is deleted; the rule sweeps what an accident leaves.
      lifecycleRules: [{ expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy,
    });
    this.bus = new EventBus(this, 'Bus', { eventBusName: busName(config.installation), kmsKey: this.key });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', this.key);
    const delayed = { key: this.key, deadLetters: this.deadLetters };
    this.looks = new DelayedQueue(this, 'Looks', { ...delayed, again: Duration.minutes(1) });
    this.looks.queue.addToResourcePolicy(rulesMaySend(this.looks.queue.queueArn));
    // Its consumer writes each VM of a host: a second one beside it would only be in its way.
    this.beats = new DelayedQueue(this, 'Beats', { ...delayed, again: Duration.minutes(3) });
    this.actions = new DelayedQueue(this, 'Actions', { ...delayed, again: Duration.minutes(1) });
    this.alerts = new Topic(this, 'Alerts', {
      displayName: `NovaCron ${config.installation}`,
      masterKey: this.key,
      enforceSSL: true,
    });
    this.releaseAlarms = STAGE_TRAITS[config.stage].canary ? [functionErrorsAlarm(this, this.alerts)] : [];
    this.tell();
  }

  private table(id: string, config: Config, more: Partial<TableProps> = {}): Table {
    const traits = STAGE_TRAITS[config.stage];
    return new Table(this, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: traits.recoveryDays,
      },
      deletionProtection: traits.deletionProtection,
      removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...more,
    });
  }

  /** It stays when the stack goes, in every stage: locked objects cannot be taken out of it before their day. */
  private headsBucket(config: Config): Bucket {
    const { mode, days } = STAGE_TRAITS[config.stage].headsLocked;
    return new Bucket(this, 'AuditHeads', {
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention[mode](Duration.days(days)),
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private tell(): void {
    new CfnOutput(this, 'StateTableName', { value: this.state.tableName });
    new CfnOutput(this, 'AuditTableName', { value: this.audit.tableName });
    new CfnOutput(this, 'AuditHeadsBucketName', { value: this.heads.bucketName });
    new CfnOutput(this, 'HandoverBucketName', { value: this.bucket.bucketName });
    new CfnOutput(this, 'BusName', { value: this.bus.eventBusName });
    new CfnOutput(this, 'AlertTopicArn', { value: this.alerts.topicArn });
    new CfnOutput(this, 'Region', { value: Aws.REGION });
  }
}
