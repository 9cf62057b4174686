import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import type { Item } from './write.ts';

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

/**
 * Every row there is, as it lies in the table: what no index lists, too. The one Scan of the product; timed jobs may,
 * requests may not. It is no snapshot: a row may be read before a write and its neighbour after it.
 */
export async function* everyItem(): AsyncGenerator<Item> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await dynamo().send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey }));
    yield* page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
