import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { addressRefusal } from '../../lambdas/domain/public-url.ts';
import type { Net } from '../../lambdas/runtime/outside.ts';
import { selfSigned } from './certificate.ts';

/** Its names are looked up here, and nowhere else. */
const HOST = 'feeds.example.org';

/** A real HTTPS server on this machine that a feed can be fetched from, under a name whose certificate holds. */
export interface FeedServer {
  /** What it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Headers of each request, by the order in which they came. */
  readonly seen: IncomingMessage['headers'][];
  readonly url: string;
  /** A URL of it under another name, which is looked up to this address. */
  readonly named: (host: string, address: string) => string;
  /** The world as it is, but for this one server. */
  readonly net: (more?: Partial<Net>) => Net;
  readonly close: () => Promise<void>;
}

export const feedServer = async (): Promise<FeedServer> => {
  const { key, cert } = selfSigned();
  const addresses = new Map([[HOST, '127.0.0.1']]);
  const server = createServer({ key, cert }, (request, response) => {
    feed.seen.push(request.headers);
    feed.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const feed: FeedServer = {
    answer: (_, response) => response.writeHead(404).end(),
    seen: [],
    url: `https://${HOST}:${port}/holidays.ics`,
    named: (host, address) => {
      addresses.set(host, address);
      return `https://${host}:${port}/holidays.ics`;
    },
    net: (more = {}) => ({
      resolve: async (host) => {
        const address = addresses.get(host);
        if (address === undefined)
          throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
        return [{ address, family: isIP(address) }];
      },
      // Only the server itself is let through; all else is judged as in life.
      refusal: (address) => (address === '127.0.0.1' ? undefined : addressRefusal(address)),
      ca: cert,
      timeoutMs: 5_000,
      ...more,
    }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return feed;
};
