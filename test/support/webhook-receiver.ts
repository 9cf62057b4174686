import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { withAddress } from './private-address.ts';

/** A body of Alertmanager's webhook, version 4, as far as tests look at it. */
export interface Post {
  readonly receiver: string;
  readonly status: string;
  readonly groupKey: string;
  /** Ours alone, where something fires. */
  readonly ackURL?: string;
  readonly alerts: readonly { readonly status: string; readonly labels: Record<string, string> }[];
}

/** A receiver that is real, and what it was posted. */
export interface Receiver<P> {
  readonly url: string;
  readonly posts: readonly P[];
  readonly close: () => Promise<void>;
}

/** A webhook, and what it was posted. */
export type WebhookReceiver = Receiver<Post>;

/** Starts one at a private address of this machine, as a receiver in one's own rooms has; the plane of the tests allows such (test/plane-env.sh). */
const startReceiver = async <P>(host: string, read: (body: string) => P): Promise<Receiver<P>> => {
  const address = withAddress(host);
  await address.add();
  const posts: P[] = [];
  const server = createServer(async (request, response) => {
    posts.push(read(await text(request)));
    response.end('ok');
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('the receiver has no port');
  return {
    url: `http://${host}:${place.port}`,
    posts,
    close: async () => {
      server.close();
      await address.remove();
    },
  };
};

export const startWebhookReceiver = (host: string): Promise<WebhookReceiver> => startReceiver(host, JSON.parse);

/** What Slack was posted, as text. */
export const startSlack = (host: string): Promise<Receiver<string>> => startReceiver(host, (body) => body);
