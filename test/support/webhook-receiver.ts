import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { withAddress } from './private-address.ts';
import { type BotCall, botCallOf, SlackMessages } from './slack-bot-api.ts';

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
const startReceiver = async <P>(
  host: string,
  read: (request: IncomingMessage, body: string) => P,
  answer: (post: P, response: ServerResponse) => void = (_, response) => response.end('ok'),
): Promise<Receiver<P>> => {
  const address = withAddress(host);
  await address.add();
  const posts: P[] = [];
  const server = createServer(async (request, response) => {
    const post = read(request, await text(request));
    posts.push(post);
    answer(post, response);
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

export const startWebhookReceiver = (host: string): Promise<WebhookReceiver> =>
  startReceiver(host, (_, body) => JSON.parse(body));

/** What Slack was posted, as text. */
export const startSlack = (host: string): Promise<Receiver<string>> => startReceiver(host, (_, body) => body);

/** Slack's API as a bot asks it, which may leave the bot alone for a while. */
export interface SlackBot extends Receiver<BotCall> {
  readonly messages: SlackMessages;
  /** Answers the next call that it is to come back after so many seconds. */
  readonly putOff: (seconds: number) => void;
}

export const startSlackBot = async (host: string): Promise<SlackBot> => {
  const messages = new SlackMessages();
  let retryAfter: number | undefined;
  const receiver = await startReceiver(host, botCallOf, (call, response) => {
    if (retryAfter === undefined) response.end(JSON.stringify(messages.take(call)));
    else response.writeHead(429, { 'retry-after': String(retryAfter) }).end();
    retryAfter = undefined;
  });
  const putOff = (seconds: number): void => {
    retryAfter = seconds;
  };
  return { ...receiver, messages, putOff };
};
