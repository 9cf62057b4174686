import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import type { Item } from './write.ts';

const { STATE_TABLE: TableName } = env({ STATE_TABLE: text });

/** Rows as they lie in the table, and the key to go on after; none where these were the last. */
export interface ItemPage {
  readonly items: readonly Item[];
  readonly last?: Item;
}

/**
 * One page of all rows there are, what no index lists, too. The one Scan of the product; timed jobs may, requests may not. It is
 * no snapshot: a row may be read before a write and its neighbour after it.
 */
export const itemsAfter = async (after: Item | undefined): Promise<ItemPage> => {
  const scan = new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey: after });
  const { Items = [], LastEvaluatedKey: last } = await dynamo().send(scan);
  return { items: Items, ...(last ? { last } : {}) };
};

/** Every row there is, page by page as the caller takes them. */
export async function* everyItem(): AsyncGenerator<Item> {
  let after: Item | undefined;
  do {
    const { items, last } = await itemsAfter(after);
    yield* items;
    after = last;
  } while (after);
}
