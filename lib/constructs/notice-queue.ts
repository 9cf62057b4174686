import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** A channel that is away is asked again after this time for each thing it is to hear of. */
const AGAIN = Duration.seconds(60);

/** The most that SQS takes: nearly 17 hours of asking each minute. */
const RECEIVES = 1_000;

export interface NoticeQueueProps {
  readonly channel: string;
  readonly key: IKey;
  /** Where a notice lies that could not be sent in all that time. */
  readonly unsent: Queue;
}

/**
 * What one channel still has to hear: in order for each thing told of, once for each notice within five minutes (what comes
 * later again, the function knows by its mark), and kept while the channel is away.
 */
export class NoticeQueue extends Construct {
  readonly channel: string;
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { channel, key, unsent }: NoticeQueueProps) {
    super(scope, id);
    this.channel = channel;
    this.queue = new Queue(this, 'Queue', {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      // Twice its function's time-out, where Lambda advises six times: a channel that is back is to be told within a minute.
      visibilityTimeout: AGAIN,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: unsent, maxReceiveCount: RECEIVES },
    });
  }
}
