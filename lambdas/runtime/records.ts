import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';
import { logger } from './powertools.ts';

/** A row's change as the state table's stream tells it; keys and `entity` stand beside the row's own fields. */
export interface RowChange {
  /** The same for every delivery of one change. */
  readonly id: string;
  readonly entity: string;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
}

type Image = Record<string, AttributeValue> | undefined;

// Both packages describe DynamoDB's JSON; the types differ in name only.
const rowOf = (image: unknown): Record<string, unknown> | undefined =>
  image === undefined ? undefined : unmarshall(image as NonNullable<Image>);

const read = new WeakMap<DynamoDBRecord, RowChange>();

/** A record is read once, however often it is asked for: as one of its batch, and by itself. */
const changeOf = (record: DynamoDBRecord): RowChange => {
  const known = read.get(record) ?? changeIn(record);
  read.set(record, known);
  return known;
};

const changeIn = ({ eventID = '', dynamodb }: DynamoDBRecord): RowChange => {
  const before = rowOf(dynamodb?.OldImage);
  const after = rowOf(dynamodb?.NewImage);
  const entity = String((after ?? before)?.entity ?? '');
  return { id: eventID, entity, ...(before ? { before } : {}), ...(after ? { after } : {}) };
};

/** Every change of a batch, for what is done with several at once. */
export const changesOf = ({ Records }: DynamoDBStreamEvent): RowChange[] => Records.map(changeOf);

/** The batch's answer names the record only; why it failed stands in the log. */
const told = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    logger.error('record not handled', { error });
    throw error;
  }
};

/** Handles each change of a batch by itself: one that fails is delivered again, with those behind it, and ends in the DLQ. */
export const eachChange =
  (work: (change: RowChange) => Promise<void>) =>
  (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> =>
    processPartialResponse(
      event,
      (record: DynamoDBRecord) => told(() => work(changeOf(record))),
      new BatchProcessor(EventType.DynamoDBStreams),
      {
        context,
      },
    );

/** A body that is not JSON fails when it is handled. */
const readable = (body: string): unknown[] => {
  try {
    return [JSON.parse(body)];
  } catch {
    return [];
  }
};

/** As `eachMessage`, after what `prepare` reads for all of them at once; where that fails, all are delivered again. */
export const messagesTogether =
  (prepare: (messages: readonly unknown[]) => Promise<(message: unknown) => Promise<void>>) =>
  async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const work = await prepare(event.Records.flatMap(({ body }) => readable(body)));
    return eachMessage(work)(event, context);
  };

/** Handles each message of a batch by itself, read as JSON: one that fails is delivered again, and ends in the DLQ. */
export const eachMessage =
  (work: (message: unknown) => Promise<void>) =>
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(
      event,
      ({ body }: SQSRecord) => told(() => work(JSON.parse(body))),
      new BatchProcessor(EventType.SQS),
      {
        context,
      },
    );
