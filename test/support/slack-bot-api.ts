import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Button {
  readonly action_id: string;
  readonly value: string;
}

/** What a bot asks of Slack's API, as far as tests look at it. */
export interface BotMessage {
  readonly channel: string;
  readonly text: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly attachments?: readonly [{ color: string; blocks: readonly object[] }];
}

export interface BotCall {
  /** Such as `chat.postMessage`. */
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: BotMessage;
}

/** A call, as it came by HTTP. */
export const botCallOf = ({ url, headers }: IncomingMessage, body: string): BotCall => ({
  method: url?.split('/').at(-1) ?? '',
  authorization: headers.authorization,
  body: JSON.parse(body),
});

/** The messages of a channel: each has a place in it, by which it is changed; what is gone cannot be. */
export class SlackMessages {
  /** By their ts. */
  readonly all = new Map<string, BotMessage>();

  /** What Slack answers. */
  take({ method, body }: Pick<BotCall, 'method' | 'body'>): object {
    if (method === 'chat.update') {
      if (!this.all.has(body.ts ?? '')) return { ok: false, error: 'message_not_found' };
      this.all.set(body.ts ?? '', body);
      return { ok: true, channel: body.channel, ts: body.ts, text: body.text };
    }
    const ts = `17000000${this.all.size}.000100`;
    this.all.set(ts, body);
    return { ok: true, channel: 'C0ALERTS', ts, message: body };
  }
}

/** The buttons below a message. */
export const buttonsOf = (message: BotMessage | undefined): Button[] =>
  (message?.attachments?.[0].blocks ?? []).flatMap((block) =>
    'elements' in block && 'type' in block && block.type === 'actions' ? (block.elements as Button[]) : [],
  );

/** What Slack says of a button that somebody pressed. */
export const pressOf = (button: Button, more = {}) => ({
  type: 'block_actions',
  user: { id: 'U1ANNA', username: 'anna' },
  actions: [{ ...button, action_ts: '1700000000.000200' }],
  ...more,
});

/** How Slack posts it: a form, signed by the secret of its app (docs.slack.dev, "Verifying requests from Slack"). */
export const signedForm = (said: object, secret: string, at: number) => {
  const text = `payload=${encodeURIComponent(JSON.stringify(said))}`;
  const timestamp = String(Math.floor(at / 1_000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${text}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signature,
  };
  return { text, headers };
};
