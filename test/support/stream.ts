import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';

type Row = Record<string, unknown>;

/** A change of a row as the state table's stream delivers it. */
export const streamed = (...changes: { before?: Row; after?: Row }[]): DynamoDBStreamEvent => ({
  Records: changes.map(({ before, after }, index) => ({
    eventID: `event-${index}`,
    dynamodb: {
      SequenceNumber: String(index + 1),
      // The package's types of DynamoDB's JSON differ from those of aws-lambda in name only.
      ...(before ? { OldImage: marshall(before, { removeUndefinedValues: true }) as never } : {}),
      ...(after ? { NewImage: marshall(after, { removeUndefinedValues: true }) as never } : {}),
    },
  })),
});

/** Messages as SQS delivers them in one batch. */
export const queued = (...bodies: unknown[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: '',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:queue',
    awsRegion: 'eu-central-1',
  })),
});

/** What Lambda hands over beside the event; the batch processor reads the remaining time of it. */
export const CONTEXT = { getRemainingTimeInMillis: () => 29_000 } as Context;
