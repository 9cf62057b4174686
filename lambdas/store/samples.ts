import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decodeFrame, encodeFrame, type Frame } from '../domain/metrics/frame.ts';
import { BATCHES_KEPT_SECONDS, beginOf, HOUR_MS, RESOLUTIONS, type Resolution } from '../domain/metrics/retention.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

/**
 * How samples lie in the telemetry table. As they come: one row for what a source (a host, or a share of EC2's) sent at once, by
 * the hour. Then, once an hour is over, each subject's hour in a row of its own, at each resolution. Rows leave by themselves.
 */
type Wanted = (subject: string, metric: string) => boolean;

const batchesOf = (source: string, hour: string): string => `samples#${source}#${hour}`;
const seriesOf = (subject: string, resolution: Resolution): string => `series#${subject}#${resolution}`;
/** Hours of sources whose rows are to be put together. */
const DUE = 'samples-due';

const secondsAfter = (hour: string, seconds: number): number => Math.ceil((beginOf(hour) + HOUR_MS) / 1000) + seconds;

/**
 * Writes down what a source sent of one hour, in a row of this time: of its first sample where nobody says. The same again is the
 * same row; of a sample that is in two rows the later one is right.
 */
export const writeBatch = async (source: string, hour: string, frame: Frame, rowOf = frame.times[0]): Promise<void> => {
  const Item = {
    pk: batchesOf(source, hour),
    sk: new Date(rowOf ?? beginOf(hour)).toISOString(),
    block: encodeFrame(frame),
    expiresAt: secondsAfter(hour, BATCHES_KEPT_SECONDS),
  };
  await dynamo().send(new PutCommand({ TableName, Item }));
};

interface Rows {
  readonly pk: string;
  readonly from?: string;
  readonly to?: string;
  readonly newest?: number;
  /** Whether what was written a moment ago is wanted too. */
  readonly isStrong?: boolean;
}

const KEYS = { '#p': 'pk', '#s': 'sk' };

/** Times as they stand in keys lie between these; DynamoDB takes no empty text for a key. */
const [FIRST, LAST] = ['0', '~'];

async function* rowsOf({
  pk,
  from = FIRST,
  to = LAST,
  newest,
  isStrong = false,
}: Rows): AsyncGenerator<Record<string, unknown>> {
  let after: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamo().send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#p = :p AND #s BETWEEN :from AND :to',
        ExpressionAttributeNames: KEYS,
        ExpressionAttributeValues: { ':p': pk, ':from': from, ':to': to },
        ...(isStrong ? { ConsistentRead: true } : {}),
        ...(newest === undefined ? {} : { ScanIndexForward: false, Limit: newest }),
        ...(after ? { ExclusiveStartKey: after } : {}),
      }),
    );
    yield* Items;
    after = newest === undefined ? LastEvaluatedKey : undefined;
  } while (after);
}

// Only this module writes blocks.
const frameIn = ({ block }: Record<string, unknown>, wanted?: Wanted): Frame =>
  decodeFrame(block as Uint8Array, wanted);

/** What a source sent of an hour, oldest first. */
export const batches = async (source: string, hour: string, wanted?: Wanted): Promise<Frame[]> =>
  (await Array.fromAsync(rowsOf({ pk: batchesOf(source, hour) }))).map((row) => frameIn(row, wanted));

/** What a source sent of an hour, and in which row it lies. */
export interface Batch {
  readonly row: string;
  readonly frame: Frame;
}

/** What a source sent of an hour in later rows than this one, oldest first: one that is written while others are read is not passed over. */
export async function* batchesAfter(source: string, hour: string, row: string | undefined): AsyncGenerator<Batch> {
  const from = row === undefined ? {} : { from: `${row}${LAST}` };
  for await (const item of rowsOf({ pk: batchesOf(source, hour), ...from, isStrong: true })) {
    yield { row: String(item.sk), frame: frameIn(item) };
  }
}

/** The last so many of them, oldest first. */
export const lastBatches = async (source: string, hour: string, newest: number): Promise<Frame[]> =>
  (await Array.fromAsync(rowsOf({ pk: batchesOf(source, hour), newest }))).map((row) => frameIn(row)).toReversed();

/** A subject's hours that are put together, from the first hour to the last, by their hour. */
export const hoursOfSubject = async (
  subject: string,
  resolution: Resolution,
  [from, to]: readonly [from: string, to: string],
  wanted?: Wanted,
): Promise<ReadonlyMap<string, Frame>> => {
  const rows = await Array.fromAsync(rowsOf({ pk: seriesOf(subject, resolution), from, to }));
  return new Map(rows.map((row) => [String(row.sk), frameIn(row, wanted)]));
};

/** Writes a subject's hour down, whatever was there. */
export const writeHour = async (subject: string, resolution: Resolution, hour: string, frame: Frame): Promise<void> => {
  const expiresAt = secondsAfter(hour, RESOLUTIONS[resolution].keptSeconds);
  const Item = { pk: seriesOf(subject, resolution), sk: hour, block: encodeFrame(frame), expiresAt };
  await dynamo().send(new PutCommand({ TableName, Item }));
};

const dueKey = (source: string, hour: string) => ({ pk: DUE, sk: `${hour}#${source}` });

/** Notes that an hour of a source is to be put together once it is over, or anew. */
export const markDue = async (source: string, hour: string, noted: number): Promise<void> => {
  const Item = { ...dueKey(source, hour), noted, expiresAt: secondsAfter(hour, BATCHES_KEPT_SECONDS) };
  await dynamo().send(new PutCommand({ TableName, Item }));
};

/** An hour of a source that is to be put together, and when that was noted. */
export interface DueHour {
  readonly source: string;
  readonly hour: string;
  readonly noted: number;
}

/** Those up to this hour, oldest first. */
export async function* due(upTo: string): AsyncGenerator<DueHour> {
  for await (const { sk, noted } of rowsOf({ pk: DUE, to: `${upTo}~` })) {
    const [hour = '', ...source] = String(sk).split('#');
    yield { hour, source: source.join('#'), noted: Number(noted) };
  }
}

/** Takes the note away, unless it was noted again meanwhile. */
export const unmarkDue = async ({ source, hour, noted }: DueHour): Promise<void> => {
  const unlessNoted = { ConditionExpression: 'noted = :noted', ExpressionAttributeValues: { ':noted': noted } };
  try {
    await dynamo().send(new DeleteCommand({ TableName, Key: dueKey(source, hour), ...unlessNoted }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
};
