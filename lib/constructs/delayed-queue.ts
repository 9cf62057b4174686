import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface DelayedQueueProps {
  readonly key: IKey;
  /**
   * When a message that failed is delivered again. Lambda advises six times its consumer's timeout; twice will do where a person
   * waits for it, since each consumer bears to hear a thing twice.
   */
  readonly again: Duration;
  /** Where what failed three times lies; an alarm watches it, so that several queues share one. */
  readonly deadLetters: Queue;
}

/** A queue whose messages wait out their DelaySeconds: a timer under a minute. */
export class DelayedQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { key, again, deadLetters }: DelayedQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      visibilityTimeout: again,
      retentionPeriod: Duration.hours(1),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
  }
}

/** Where things lie that failed for good: two weeks to look at them and to send them again. */
export const deadLetterQueue = (scope: Construct, id: string, key: IKey, { fifo = false } = {}): Queue =>
  new Queue(scope, id, {
    // CloudFormation takes no `false` here.
    ...(fifo ? { fifo } : {}),
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: Duration.hours(1),
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
