import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import * as plane from '../store/plane.ts';
import { dynamo } from './clients.ts';
import { env, text } from './env.ts';

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

/** The id that DynamoDB gave the state table: one that was restored, or made anew, has another. */
export const tableId = async (): Promise<string> => {
  const { Table } = await dynamo().send(new DescribeTableCommand({ TableName }));
  return Table?.TableId ?? Table?.TableArn ?? '';
};

/** Whether the rows are those that a person, or the first audit, vouched for: a restored table may be older than what is there. */
export const isTrusted = async (): Promise<boolean> => {
  const collector = await plane.findCollector();
  return collector === undefined || collector.tableId === (await tableId());
};
