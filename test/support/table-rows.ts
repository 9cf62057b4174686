import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, unknown>;

export interface Conditional {
  TableName?: string | undefined;
  ConditionExpression?: string | undefined;
  ExpressionAttributeValues?: Item | undefined;
}

/** One write of a transaction, in the shape of whichever of Put and Delete it is, or a check that writes nothing. */
export type ItemWrite = Conditional & {
  Item?: Item | undefined;
  Key?: Item | undefined;
  UpdateExpression?: string | undefined;
  isCheck?: boolean;
};

/** What a transaction holds, by kind. */
export interface TransactItem {
  Put?: ItemWrite | undefined;
  Delete?: ItemWrite | undefined;
  Update?: ItemWrite | undefined;
  ConditionCheck?: ItemWrite | undefined;
}

/** The writes of a transaction in their order. */
export const writesOf = (items: readonly TransactItem[]): ItemWrite[] =>
  items.flatMap(({ Put, Delete, Update, ConditionCheck }) => [
    ...(Put ? [Put] : []),
    ...(Delete ? [Delete] : []),
    ...(Update ? [Update] : []),
    ...(ConditionCheck ? [{ ...ConditionCheck, isCheck: true }] : []),
  ]);

export interface QueryInput {
  IndexName?: string | undefined;
  ExpressionAttributeValues?: Item | undefined;
  ScanIndexForward?: boolean | undefined;
  Limit?: number | undefined;
  ExclusiveStartKey?: Item | undefined;
}

/** What a query says of keys. @throws Error as DynamoDB has it where a text is empty, which no key may be */
const keysOf = ({ ExpressionAttributeValues: values = {} }: QueryInput): Item => {
  const empty = [':p', ':s', ':from', ':to'].find((name) => values[name] === '');
  if (empty === undefined) return values;
  throw Object.assign(new Error(`A key cannot contain an empty string value: ${empty}`), {
    name: 'ValidationException',
  });
};

/** The conditions that store/table.ts writes, evaluated as DynamoDB does; any other is an error of the test. */
const holds = (item: Item | undefined, { ConditionExpression: text, ExpressionAttributeValues = {} }: Conditional) => {
  if (text === undefined) return true;
  const absent = /^attribute_not_exists\((\w+)\)$/.exec(text)?.[1];
  if (absent !== undefined) return item?.[absent] === undefined;
  if (text === 'attribute_not_exists(pk) OR version < :version') {
    return item === undefined || Number(item.version) < Number(ExpressionAttributeValues[':version']);
  }
  const counted = /^attribute_not_exists\((\w+)\) OR \1 < (:\w+)$/.exec(text);
  if (counted) {
    const [, field = '', most = ''] = counted;
    return item?.[field] === undefined || Number(item[field]) < Number(ExpressionAttributeValues[most]);
  }
  if (text === 'live = :live AND (attribute_not_exists(maxVms) OR vms < maxVms)') {
    const { live, vms, maxVms } = item ?? {};
    return live === ExpressionAttributeValues[':live'] && (maxVms === undefined || Number(vms) < Number(maxVms));
  }
  const [, name = '', value = ''] = /^(\w+) = (:\w+)$/.exec(text) ?? [];
  if (name === '') throw new Error(`the double does not know the condition ${text}`);
  return item?.[name] !== undefined && item[name] === ExpressionAttributeValues[value];
};

/** `SET a = :a, b = :b ADD c :c`, as store/table.ts writes it; a row that is not there begins with its key. */
const updated = (item: Item | undefined, { UpdateExpression = '', Key, ExpressionAttributeValues = {} }: ItemWrite) => {
  const [, sets = '', removes = '', adds = ''] =
    /^(?:SET (.*?))?\s*(?:REMOVE (.*?))?\s*(?:ADD (.*))?$/.exec(UpdateExpression) ?? [];
  const given = (name = '') => ExpressionAttributeValues[`:${name}`];
  const fieldsOf = (part: string) => part.split(', ').flatMap((each) => /^\w+/.exec(each) ?? []);
  const after: Item = { ...Key, ...item };
  for (const [, field = '', ifNot, name] of sets.matchAll(/(\w+) = (if_not_exists\(\w+, )?:(\w+)/g)) {
    if (ifNot === undefined || after[field] === undefined) after[field] = given(name);
  }
  for (const field of fieldsOf(removes)) delete after[field];
  for (const field of fieldsOf(adds)) after[field] = Number(after[field] ?? 0) + Number(given(field));
  return after;
};

const METADATA = { $metadata: {}, message: 'The conditional request failed' };

/** Rows of one table in memory, and what DynamoDB does with them at once: reads, conditional writes, transactions, queries. */
export class TableRows {
  readonly rows = new Map<string, Item>();
  /** Called before each write lands: where a test lets another writer in. */
  beforeWrite: () => void = () => undefined;
  /** How many rows one page of a scan holds. */
  scanned = Number.POSITIVE_INFINITY;

  /** All rows of one kind. */
  of(entity: string): Item[] {
    return [...this.rows.values()].filter((row) => row.entity === entity);
  }

  read(key: Item): Item | undefined {
    return this.copied(this.rows.get(this.key(key)));
  }

  readAll(request: Record<string, { Keys?: Item[] | undefined }>) {
    const entries = Object.entries(request).map(([table, { Keys = [] }]) => [
      table,
      Keys.flatMap((key) => this.read(key) ?? []),
    ]);
    return { Responses: Object.fromEntries(entries), UnprocessedKeys: {} };
  }

  /** @throws ConditionalCheckFailedException */
  write(write: ItemWrite): Record<string, never> {
    this.beforeWrite();
    if (!this.allowed(write)) throw new ConditionalCheckFailedException(METADATA);
    this.put(write.Item ?? write.Key ?? {}, write.Item);
    return {};
  }

  /** @throws ConditionalCheckFailedException */
  update(write: ItemWrite): Record<string, never> {
    const key = write.Key ?? {};
    if (!this.allowed(write)) throw new ConditionalCheckFailedException(METADATA);
    this.put(key, updated(this.rows.get(this.key(key)), write));
    return {};
  }

  /** @throws TransactionCanceledException, with a reason for each write */
  transact(writes: readonly ItemWrite[]): Record<string, never> {
    this.beforeWrite();
    const keys = writes.map((write) => this.key(write.Item ?? write.Key ?? {}));
    if (new Set(keys).size < keys.length) throw new Error('a transaction may touch an item once only');
    const reasons = writes.map((write) => ({ Code: this.allowed(write) ? 'None' : 'ConditionalCheckFailed' }));
    if (reasons.some(({ Code }) => Code !== 'None')) {
      throw new TransactionCanceledException({ ...METADATA, CancellationReasons: reasons });
    }
    for (const write of writes.filter(({ isCheck }) => !isCheck)) {
      const key = write.Item ?? write.Key ?? {};
      this.put(key, write.UpdateExpression ? updated(this.rows.get(this.key(key)), write) : write.Item);
    }
    return {};
  }

  query(input: QueryInput) {
    const [pk, sk] = input.IndexName ? [`${input.IndexName}pk`, `${input.IndexName}sk`] : ['pk', 'sk'];
    const { ':p': partition, ':s': prefix = '', ':from': from = '', ':to': to } = keysOf(input);
    const isWithin = (sort: string): boolean => sort >= String(from) && (to === undefined || sort <= String(to));
    const order = (row: Item) => `${row[sk]}\n${row.pk}\n${row.sk}`;
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const rows: Item[] = [];
    for (const row of this.queried(input)) {
      const sort = String(row[sk]);
      if (row[pk] === partition && sort.startsWith(String(prefix)) && isWithin(sort)) rows.push(row);
    }
    rows.sort((a, b) => direction * (order(a) < order(b) ? -1 : 1));
    const start = input.ExclusiveStartKey;
    const rest = start
      ? rows.filter((row) => direction * (order(row) > order(start) ? 1 : -1) > 0 && order(row) !== order(start))
      : rows;
    const Items = this.copied(rest.slice(0, input.Limit));
    const last = Items.at(-1);
    if (last === undefined || rest.length <= Items.length) return { Items };
    return { Items, LastEvaluatedKey: { pk: last.pk, sk: last.sk, [pk]: last[pk], [sk]: last[sk] } };
  }

  /** By key, `scanned` rows at most: in no order that DynamoDB promises, and the same in each scan, as there. */
  scan(from: Item | undefined) {
    const rest = [...this.rows]
      .filter(([key]) => from === undefined || key > this.key(from))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
    const Items = this.copied(rest.slice(0, this.scanned));
    const last = Items.at(-1);
    return { Items, ...(last && rest.length > Items.length ? { LastEvaluatedKey: { pk: last.pk, sk: last.sk } } : {}) };
  }

  protected key({ pk, sk }: Item): string {
    return `${pk}\n${sk}`;
  }

  /** What a caller gets of what lies here, so that it cannot change it. */
  protected copied<T>(value: T): T {
    return structuredClone(value);
  }

  /** The rows that a query sees. */
  protected queried(_: QueryInput): Iterable<Item> {
    return this.rows.values();
  }

  protected put(key: Item, item: Item | undefined): void {
    if (item === undefined) this.rows.delete(this.key(key));
    else this.rows.set(this.key(item), this.copied(item));
  }

  /** Whether a write's condition holds. */
  protected allowed(write: ItemWrite): boolean {
    return holds(this.rows.get(this.key(write.Item ?? write.Key ?? {})), write);
  }
}
