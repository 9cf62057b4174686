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

/** A webhook that is real, and what it was posted. */
export interface WebhookReceiver {
  readonly url: string;
  readonly posts: readonly Post[];
  readonly close: () => Promise<void>;
}

/** Starts one at a private address of this machine, as a receiver in one's own rooms has; the plane of the tests allows such (test/plane-env.sh). */
export const startWebhookReceiver = async (host: string): Promise<WebhookReceiver> => {
  const address = withAddress(host);
  await address.add();
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    posts.push(JSON.parse(await text(request)));
    response.end();
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
