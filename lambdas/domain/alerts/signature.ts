import { createHmac } from 'node:crypto';

/** `whsec_` and 24 to 64 bytes of base64 ("Standard Webhooks", standardwebhooks.com). */
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/** The key in a signing secret; undefined where it is none. */
export const signingKeyOf = (secret: string): Buffer | undefined => {
  const [, base64] = SECRET.exec(secret) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
};

/** What is signed: a message's id, the same at each try of it, when it is sent (ms since the epoch), and its body. */
interface Signed {
  readonly id: string;
  readonly at: number;
  readonly body: string;
}

/** Headers by which a receiver knows who sends it something, that it is as it was sent, and that it is new: Standard Webhooks. */
export const signatureHeaders = (key: Buffer, { id, at, body }: Signed): Record<string, string> => {
  const seconds = String(Math.floor(at / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
};
