import { hmac, isSigned } from '../hmac.ts';

/** What Slack signs a request by ("Verifying requests from Slack", docs.slack.dev): version 0. */
export interface SignedBySlack {
  /** X-Slack-Request-Timestamp: seconds since the epoch. */
  readonly timestamp: string;
  /** X-Slack-Signature. */
  readonly signature: string;
  /** As it came, unread. */
  readonly body: string;
}

/** Slack's own bound against what is sent again. */
const LATE_MS = 300_000;

/** Whether Slack has signed a request by this secret within five minutes of now (ms since the epoch). */
export const isSignedBySlack = (
  { timestamp, signature, body }: SignedBySlack,
  secret: string,
  now: number,
): boolean => {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1_000) > LATE_MS) return false;
  const right = Buffer.from(`v0=${hmac(`v0:${timestamp}:${body}`, secret).toString('hex')}`);
  return isSigned(Buffer.from(signature), right);
};
