import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';

type Row = Record<string, unknown>;

/** What frozen rows are in DynamoDB's JSON: one that was new in a change is old in the next, and each consumer is told of both. */
const images = new WeakMap<Row, object>();

const imageOf = (row: Row): object => {
  const image = images.get(row) ?? marshall(row, { removeUndefinedValues: true });
  if (Object.isFrozen(row)) images.set(row, image);
  return image;
};

/** A change of a row as the state table's stream delivers it. */
export const streamed = (...changes: { before?: Row; after?: Row }[]): DynamoDBStreamEvent => ({
  Records: changes.map(({ before, after }, index) => ({
    eventID: `event-${index}`,
    dynamodb: {
      SequenceNumber: String(index + 1),
      // The package's types of DynamoDB's JSON differ from those of aws-lambda in name only.
      ...(before ? { OldImage: imageOf(before) as never } : {}),
      ...(after ? { NewImage: imageOf(after) as never } : {}),
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
