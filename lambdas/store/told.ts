import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { TELEMETRY_TABLE: TableName } = env({ TELEMETRY_TABLE: text });

/** Longer than a notice may lie in its queue (14 days) and behind it in the dead letters (14 days). */
const KEPT_DAYS = 30;

const keyOf = (channel: string, id: string) => ({ pk: `told#${channel}#${id}`, sk: 'told' });

/** Whether the notice went out by this channel. */
export const isTold = async (channel: string, id: string): Promise<boolean> => {
  const { Item } = await dynamo().send(
    new GetCommand({ TableName, Key: keyOf(channel, id), ConsistentRead: true, ProjectionExpression: 'pk' }),
  );
  return Item !== undefined;
};

/** Writes down that it went out. */
export const markTold = async (channel: string, id: string): Promise<void> => {
  const expiresAt = Math.floor(Date.now() / 1000) + KEPT_DAYS * 86_400;
  await dynamo().send(new PutCommand({ TableName, Item: { ...keyOf(channel, id), expiresAt } }));
};
