import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

/** A request is not kept waiting for being counted. */
const PATIENCE_MS = 1000;

/** What is leased of one window: by whom, which window, when it ends (epoch ms), and how many there are. */
export interface Leased {
  readonly of: string;
  readonly window: number;
  readonly until: number;
  readonly most: number;
}

/**
 * Takes `count` of a window's requests, never more than there are in all, for one function: exact, however many take at once.
 * A repeat of the SDK's takes twice, which only means that some are not used. @returns whether there were as many left;
 * throws what the SDK throws
 */
export const take = async ({ of, window, until, most }: Leased, count: number): Promise<boolean> => {
  const update = new UpdateCommand({
    TableName,
    Key: { pk: `rate#${of}`, sk: String(window) },
    UpdateExpression: 'SET expiresAt = :expiresAt ADD taken :taken',
    ConditionExpression: 'attribute_not_exists(taken) OR taken < :most',
    ExpressionAttributeValues: { ':expiresAt': Math.ceil(until / 1000), ':taken': count, ':most': most - count + 1 },
  });
  try {
    await dynamo().send(update, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};
