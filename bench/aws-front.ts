import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Item, type ItemWrite, type QueryInput, TableRows, writesOf } from '../test/support/table-rows.ts';

/** A change of a row, as the table's stream tells it. */
export interface Change {
  readonly before?: Item;
  readonly after?: Item;
}

/** By which partitions are told apart, of the table and of its indexes. */
const PARTITIONS = ['pk', 'gsi1pk', 'gsi2pk'] as const;

class StreamedRows extends TableRows {
  readonly changes: Change[] = [];
  /** The rows of each partition, so that a query reads no others. */
  readonly #partitions = new Map<string, Map<string, Item>>();

  protected override put(key: Item, item: Item | undefined): void {
    const at = this.key(item ?? key);
    const before = this.rows.get(at);
    super.put(key, item);
    this.changes.push({ ...(before ? { before } : {}), ...(item ? { after: item } : {}) });
    for (const partition of partitionsOf(before)) this.#partitions.get(partition)?.delete(at);
    const after = this.rows.get(at);
    if (after === undefined) return;
    for (const partition of partitionsOf(after)) {
      const rows = this.#partitions.get(partition) ?? new Map<string, Item>();
      this.#partitions.set(partition, rows.set(at, after));
    }
  }

  protected override queried({ IndexName, ExpressionAttributeValues = {} }: QueryInput): Iterable<Item> {
    const partition = partitionOf(IndexName === undefined ? 'pk' : `${IndexName}pk`, ExpressionAttributeValues[':p']);
    return this.#partitions.get(partition)?.values() ?? [];
  }
}

const partitionOf = (name: string, value: unknown): string => `${name}=${value}`;

const partitionsOf = (item: Item | undefined): string[] =>
  PARTITIONS.flatMap((name) => (item?.[name] === undefined ? [] : [partitionOf(name, item[name])]));

/** The parts of a request that are a row, or a part of one, in DynamoDB's JSON. */
const ROWS = /^(Item|Key|ExpressionAttributeValues|ExclusiveStartKey)$/;

type Attributes = Record<string, AttributeValue>;

/** A row as it comes: in JSON its bytes are a text of base 64. */
const rowOf = (sent: Attributes): Item =>
  unmarshall(
    Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [
        name,
        value.B === undefined ? value : { B: Buffer.from(String(value.B), 'base64') },
      ]),
    ),
  );

/** DynamoDB's JSON of a request in our own, wherever it lies. */
const read = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) => {
    if (ROWS.test(name)) return [name, rowOf(part)];
    return [name, name === 'Keys' ? part.map(rowOf) : read(part)];
  });
  return Object.fromEntries(parts);
};

/** A row as it goes. */
const written = (item: Item | undefined) =>
  item &&
  Object.fromEntries(
    Object.entries(marshall(item, { removeUndefinedValues: true })).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  );
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

interface Sent {
  readonly Id?: string;
  readonly QueueUrl?: string;
  readonly MessageBody: string;
}

/**
 * What stands before an emulated AWS and counts calls, by service and action. With `own` it is DynamoDB, SQS, Step Functions and
 * EventBridge itself, in memory, so that of the emulator EC2 alone is asked.
 */
export class AwsFront {
  readonly calls = new Map<string, number>();
  readonly tables = new Map<string, StreamedRows>();
  /** Bodies of messages, by the last part of their queue's URL. */
  readonly messages: { readonly queue: string; readonly body: string }[] = [];
  /** What waits were answered with, by token. */
  readonly answers = new Map<string, unknown>();
  own = false;
  readonly #target: string;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });

  constructor(target: string) {
    this.#target = target;
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done));
    // A TCP server that listens has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  table(name: string): StreamedRows {
    const rows = this.tables.get(name) ?? new StreamedRows();
    this.tables.set(name, rows);
    return rows;
  }

  /** How many there were since `counted`. */
  get count(): number {
    return [...this.calls.values()].reduce((all, count) => all + count, 0);
  }

  /** The calls since the last time. */
  counted(): Record<string, number> {
    const counted = Object.fromEntries([...this.calls].sort());
    this.calls.clear();
    return counted;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const service = /\/([a-z0-9-]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? 'unsigned';
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    const action = target ?? new URLSearchParams(body.toString()).get('Action') ?? String(request.method);
    const name = `${service}:${action}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    if (!this.own || service === 'ec2') return this.#forward(request, body, response);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    try {
      response.end(JSON.stringify(this.#answer(action, JSON.parse(body.toString()) as never)));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      response.statusCode = 400;
      const { name: __type, message } = error;
      response.end(JSON.stringify({ ...error, __type, message }));
    }
  }

  async #forward({ url, method, headers }: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const kept = Object.entries(headers).filter(([name]) => /^(x-amz|authorization|content-type)/.test(name));
    const init = { headers: Object.fromEntries(kept) as Record<string, string>, ...(method ? { method } : {}) };
    const reply = await fetch(`${this.#target}${url}`, {
      ...init,
      ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
    });
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'text/xml' });
    response.end(Buffer.from(await reply.arrayBuffer()));
  }

  #take({ QueueUrl = '', MessageBody, Id }: Sent) {
    this.messages.push({ queue: QueueUrl.split('/').at(-1) ?? '', body: MessageBody });
    return { ...(Id === undefined ? {} : { Id }), MessageId: 'm', MD5OfMessageBody: md5(MessageBody) };
  }

  // Requests are whatever the SDK sends.
  #answer(action: string, sent: never): unknown {
    const actions: Record<string, (input: never) => unknown> = {
      SendMessage: (input: Sent) => this.#take(input),
      SendMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: Sent[] }) => ({
        Successful: Entries.map((entry) => this.#take({ ...entry, QueueUrl })),
        Failed: [],
      }),
      SendTaskSuccess: ({ taskToken, output }: { taskToken: string; output: string }) => {
        this.answers.set(taskToken, JSON.parse(output));
        return {};
      },
      StartExecution: () => ({ executionArn: 'arn:x', startDate: 0 }),
      PutEvents: ({ Entries }: { Entries: object[] }) => ({
        FailedEntryCount: 0,
        Entries: Entries.map(() => ({ EventId: 'e' })),
      }),
    };
    const known = actions[action];
    return known
      ? known(sent)
      : this.#rows(action, read(sent) as ItemWrite & { RequestItems: never; TransactItems: never });
  }

  #rows(action: string, input: ItemWrite & { RequestItems: never; TransactItems: never }): unknown {
    const rows = this.table(input.TableName ?? 'x');
    if (action === 'GetItem') return { Item: written(rows.read(input.Key ?? {})) };
    if (action === 'PutItem' || action === 'DeleteItem') return rows.write(input);
    if (action === 'UpdateItem') return rows.update(input);
    if (action === 'TransactWriteItems') {
      const writes = writesOf(input.TransactItems);
      return this.table(writes[0]?.TableName ?? 'x').transact(writes);
    }
    if (action === 'BatchGetItem') {
      const found = Object.entries<{ Keys: Item[] }>(input.RequestItems).map(([name, { Keys }]) => [
        name,
        Keys.map((key) => written(this.table(name).read(key))).filter((item) => item !== undefined),
      ]);
      return { Responses: Object.fromEntries(found), UnprocessedKeys: {} };
    }
    if (action !== 'Query') throw new Error(`the front does not know ${action}`);
    const { Items, LastEvaluatedKey } = rows.query(input);
    return { Items: Items.map(written), ...(LastEvaluatedKey ? { LastEvaluatedKey: written(LastEvaluatedKey) } : {}) };
  }
}
