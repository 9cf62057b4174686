import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A man in the middle between an SDK client and the emulated AWS, who can do what a network does. */
export interface AwsProxy {
  readonly url: string;
  /** Actions of EC2's query protocol that passed, in order. */
  readonly actions: string[];
  /** Cuts the reply of the next so many calls of this action, after they took effect. */
  readonly cut: (action: string, times?: number) => void;
  /** Hides everything from the next so many calls of this action, as an index that lags does. */
  readonly blind: (action: string, times: number) => void;
  readonly close: () => Promise<void>;
}

export interface ProxySettings {
  readonly target: string;
  /** Takes the ClientToken out of requests: a service that does not honour it. */
  readonly dropTokens?: boolean;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts);
};

const forward = (target: string, incoming: IncomingMessage, body: Buffer): Promise<[IncomingMessage, Buffer]> =>
  new Promise((done, fail) => {
    const headers = { ...incoming.headers, 'content-length': String(body.length) };
    const outgoing = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers }, (reply) => {
      bodyOf(reply).then((answer) => done([reply, answer]), fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });

const NOTHING = '<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>';

/** How often each action is still to be met by this fault. */
const counter = () => {
  const left = new Map<string, number>();
  return {
    add: (action: string, times: number) => left.set(action, times),
    take: (action: string): boolean => {
      const times = left.get(action) ?? 0;
      left.set(action, times - 1);
      return times > 0;
    },
  };
};

/** Who changes a request cannot sign it: it goes on in the name of the emulated account's root, whose signature nobody checks. */
const asRoot = (headers: IncomingHttpHeaders): void => {
  headers.authorization = headers.authorization?.replace(/Credential=[^/]+/, 'Credential=test');
  delete headers['x-amz-security-token'];
};

/** Starts a proxy on a free port of the loopback. */
export const startAwsProxy = async ({ target, dropTokens = false }: ProxySettings): Promise<AwsProxy> => {
  const actions: string[] = [];
  const cuts = counter();
  const blinds = counter();

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const form = new URLSearchParams(body.toString());
    const action = form.get('Action') ?? '';
    if (dropTokens && form.has('ClientToken')) {
      form.delete('ClientToken');
      asRoot(incoming.headers);
    }
    const [reply, answer] = await forward(target, incoming, dropTokens && action ? Buffer.from(`${form}`) : body);
    actions.push(action);
    if (cuts.take(action)) return void outgoing.destroy();
    if (blinds.take(action)) return void outgoing.writeHead(200, { 'content-type': 'text/xml' }).end(NOTHING);
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(answer);
  };

  const server: Server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    actions,
    cut: (action, times = 1) => cuts.add(action, times),
    blind: (action, times) => blinds.add(action, times),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
