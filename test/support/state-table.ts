import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';

type Item = Record<string, unknown>;

interface Conditional {
  ConditionExpression?: string | undefined;
  ExpressionAttributeValues?: Item | undefined;
}

/** The conditions that store/table.ts writes, evaluated as DynamoDB does; any other is an error of the test. */
const holds = (item: Item | undefined, { ConditionExpression: text, ExpressionAttributeValues = {} }: Conditional) => {
  if (text === undefined) return true;
  const absent = /^attribute_not_exists\((\w+)\)$/.exec(text)?.[1];
  if (absent !== undefined) return item?.[absent] === undefined;
  const [, name = '', value = ''] = /^(\w+) = (:\w+)$/.exec(text) ?? [];
  if (name === '') throw new Error(`the double does not know the condition ${text}`);
  return item?.[name] !== undefined && item[name] === ExpressionAttributeValues[value];
};

const METADATA = { $metadata: {}, message: 'The conditional request failed' };

/**
 * A state table in memory behind the SDK's own document client: what store/ sends is evaluated, not recorded. Held to
 * DynamoDB's behaviour by test/local, which runs the same stories on the emulator.
 */
export class StateTable {
  readonly rows = new Map<string, Item>();
  readonly mock = mockClient(DynamoDBDocumentClient);
  /** Called before each write lands: where a test lets another writer in. */
  beforeWrite: () => void = () => undefined;

  constructor() {
    this.mock.on(GetCommand).callsFake(({ Key }) => ({ Item: this.read(Key) }));
    this.mock.on(BatchGetCommand).callsFake(({ RequestItems }) => this.readAll(RequestItems));
    this.mock.on(QueryCommand).callsFake((input) => this.query(input));
    this.mock.on(PutCommand).callsFake(({ Item: item, ...rest }) => this.write(item, item, rest));
    this.mock.on(DeleteCommand).callsFake(({ Key, ...rest }) => this.write(Key, undefined, rest));
    this.mock.on(TransactWriteCommand).callsFake(({ TransactItems }) => this.transact(TransactItems));
  }

  /** All rows of one kind. */
  of(entity: string): Item[] {
    return [...this.rows.values()].filter((row) => row.entity === entity);
  }

  private key({ pk, sk }: Item): string {
    return `${pk}\n${sk}`;
  }

  private read(key: Item): Item | undefined {
    return structuredClone(this.rows.get(this.key(key)));
  }

  private readAll(request: Record<string, { Keys: Item[] }>) {
    const entries = Object.entries(request).map(([table, { Keys }]) => [
      table,
      Keys.flatMap((key) => this.read(key) ?? []),
    ]);
    return { Responses: Object.fromEntries(entries), UnprocessedKeys: {} };
  }

  private put(key: Item, item: Item | undefined): void {
    if (item === undefined) this.rows.delete(this.key(key));
    else this.rows.set(this.key(item), structuredClone(item));
  }

  private write(key: Item, item: Item | undefined, condition: Conditional) {
    this.beforeWrite();
    if (!holds(this.read(key), condition)) throw new ConditionalCheckFailedException(METADATA);
    this.put(key, item);
    return {};
  }

  private transact(items: Record<string, Conditional & { Item?: Item; Key?: Item }>[]) {
    this.beforeWrite();
    const writes = items.flatMap((item) => Object.values(item));
    const keys = writes.map((write) => this.key(write.Item ?? write.Key ?? {}));
    if (new Set(keys).size < keys.length) throw new Error('a transaction may touch an item once only');
    const reasons = writes.map((write) =>
      holds(this.read(write.Item ?? write.Key ?? {}), write) ? { Code: 'None' } : { Code: 'ConditionalCheckFailed' },
    );
    if (reasons.some(({ Code }) => Code !== 'None')) {
      throw new TransactionCanceledException({ ...METADATA, CancellationReasons: reasons });
    }
    for (const write of writes) this.put(write.Item ?? write.Key ?? {}, write.Item);
    return {};
  }

  private query(input: {
    IndexName?: string;
    ExpressionAttributeValues: Record<string, string>;
    ScanIndexForward?: boolean;
    Limit?: number;
    ExclusiveStartKey?: Item;
  }) {
    const [pk, sk] = input.IndexName ? [`${input.IndexName}pk`, `${input.IndexName}sk`] : ['pk', 'sk'];
    const { ':p': partition, ':s': prefix = '' } = input.ExpressionAttributeValues;
    const order = (row: Item) => `${row[sk]}\n${row.pk}\n${row.sk}`;
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const rows = [...this.rows.values()]
      .filter((row) => row[pk] === partition && String(row[sk]).startsWith(prefix))
      .sort((a, b) => direction * (order(a) < order(b) ? -1 : 1));
    const from = input.ExclusiveStartKey;
    const rest = from
      ? rows.filter((row) => direction * (order(row) > order(from) ? 1 : -1) > 0 && order(row) !== order(from))
      : rows;
    const Items = structuredClone(rest.slice(0, input.Limit));
    const last = Items.at(-1);
    if (last === undefined || rest.length <= Items.length) return { Items };
    return { Items, LastEvaluatedKey: { pk: last.pk, sk: last.sk, [pk]: last[pk], [sk]: last[sk] } };
  }
}
