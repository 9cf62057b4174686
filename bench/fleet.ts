import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { marshall, type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import { Fleet } from './fleet-rows.ts';

/**
 * A DynamoDB and an EC2 that hold a fleet of any size and answer fast, for figures of growth: real clients speak to them over
 * HTTP. They know the calls that reading a fleet makes and no more; conditions hold always.
 * Usage: node bench/fleet.ts <VMs>; prints its port, ends with its standard input.
 */
type Item = Record<string, NativeAttributeValue>;

const fleet = new Fleet(Number(process.argv[2]));

/** Rows beside the fleet's: tokens, secrets, and what is written. */
const written = new Map<string, Item>();
const calls = new Map<string, number>();

const keyOf = ({ pk, sk }: Item): string => `${pk}|${sk}`;

/** Query answers no more than this at once (DynamoDB Developer Guide, "Paginating table query results"). */
const MOST_BYTES = 1 << 20;

const page = (limit: number, after: Item | undefined): string => {
  const from = after === undefined ? 0 : fleet.indexOf(String(after.gsi1sk)) + 1;
  const items: string[] = [];
  let bytes = 0;
  let at = from;
  for (; at < fleet.size && items.length < limit && bytes < MOST_BYTES; at += 1) {
    const item = fleet.item(at);
    items.push(item);
    bytes += item.length;
  }
  const last = at < fleet.size ? `,"LastEvaluatedKey":${JSON.stringify(marshall(fleet.positionAt(at - 1)))}` : '';
  return `{"Items":[${items}]${last}}`;
};

const query = (input: Record<string, Item> & { IndexName?: string; Limit?: number }): string => {
  const partition = unmarshall(input.ExpressionAttributeValues as never)[':p'] as string;
  const after = input.ExclusiveStartKey && unmarshall(input.ExclusiveStartKey as never);
  if (input.IndexName === 'gsi1' && partition === 'vm') return page(input.Limit ?? 1_000, after);
  const instance = /^provider#(i-\w+)$/.exec(partition)?.[1];
  return instance === undefined ? '{"Items":[]}' : `{"Items":[${fleet.itemOfInstance(instance)}]}`;
};

const found = (key: Item): string => {
  const own = written.get(keyOf(key));
  const item = own ? JSON.stringify(marshall(own)) : fleet.itemOfVm(String(key.pk).slice('vm#'.length));
  return item === undefined ? '{}' : `{"Item":${item}}`;
};

const put = (item: Item): void => {
  if (!fleet.replace(item)) written.set(keyOf(item), item);
};

const DYNAMODB: Record<string, (input: never) => string> = {
  Query: query,
  GetItem: ({ Key }: { Key: never }) => found(unmarshall(Key)),
  PutItem: ({ Item }: { Item: never }) => {
    put(unmarshall(Item));
    return '{}';
  },
  TransactWriteItems: ({ TransactItems }: { TransactItems: { Put?: { Item: never } }[] }) => {
    for (const { Put } of TransactItems) if (Put) put(unmarshall(Put.Item));
    return '{}';
  },
};

/** One page of DescribeInstances, or the instance it was asked for. */
const instances = (form: URLSearchParams): string => {
  const asked =
    form.get('InstanceId.1') ?? (form.get('Filter.1.Name') === 'instance-id' ? form.get('Filter.1.Value.1') : null);
  if (asked !== null) return `<reservationSet>${fleet.instance(fleet.indexOfInstance(asked))}</reservationSet>`;
  const from = Number(form.get('NextToken') ?? 0);
  const to = Math.min(fleet.size, from + Number(form.get('MaxResults') ?? 1_000));
  const list = Array.from({ length: to - from }, (_, at) => fleet.instance(from + at)).join('');
  return `<reservationSet>${list}</reservationSet>${to < fleet.size ? `<nextToken>${to}</nextToken>` : ''}`;
};

const EC2: Record<string, (form: URLSearchParams) => string> = {
  DescribeInstances: instances,
  DescribeVolumes: () => '<volumeSet/>',
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

const answer = (name: string, text: string, input: string): string | undefined => {
  calls.set(name, (calls.get(name) ?? 0) + 1);
  const form = new URLSearchParams(input);
  const ec2 = EC2[form.get('Action') ?? ''];
  if (ec2) return `<${text} xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${ec2(form)}</${text}>`;
  return DYNAMODB[name]?.(JSON.parse(input) as never);
};

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const input = await bodyOf(request);
  if (request.url === '/reset') {
    fleet.reset(Number(input));
    response.end(JSON.stringify(Object.fromEntries(calls)));
    calls.clear();
    return;
  }
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const name = target ?? new URLSearchParams(input).get('Action') ?? '';
  const body = answer(name, `${name}Response`, input);
  response.statusCode = body === undefined ? 501 : 200;
  response.setHeader('content-type', target === undefined ? 'text/xml' : 'application/x-amz-json-1.0');
  response.end(body ?? JSON.stringify({ __type: 'NotImplemented', message: `bench/fleet.ts does not know ${name}` }));
};

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
// Longer than any round: who asks seldom keeps its connection.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit());
