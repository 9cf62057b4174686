import * as z from 'zod';

/** Slack's Web API as far as messages about alerts need it ("chat.postMessage", "chat.update", docs.slack.dev). */

/** A message of ours: its channel's id, and what Slack knows it by there. */
export interface SlackThread {
  readonly channel: string;
  readonly ts: string;
}

const POST = '/api/chat.postMessage';

/** Whether an address is that of the Web API, which is no secret as an incoming webhook's is. */
export const isBotUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, username, password } = new URL(text);
  // Whether it may be http is a matter of the address, which is looked at before anything is sent there.
  return /^https?:$/.test(protocol) && pathname === POST && `${search}${username}${password}` === '';
};

/** The address of another method beside that of `chat.postMessage`. */
export const methodUrl = (postUrl: string, method: 'chat.postMessage' | 'chat.update'): string =>
  new URL(`/api/${method}`, postUrl).href;

const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), channel: z.string(), ts: z.string() }),
  z.object({ ok: z.literal(false), error: z.string().regex(/^\w{1,64}$/) }),
]);

/** What Slack answers in words of its own, whatever the status: where the message lies, or the name of an error. */
export const slackAnswer = (text: string): SlackThread | { readonly error: string } => {
  try {
    const answer = Answer.parse(JSON.parse(text));
    return answer.ok ? { channel: answer.channel, ts: answer.ts } : { error: answer.error };
  } catch {
    return { error: 'no_answer_of_slack' };
  }
};

const PASSING: ReadonlySet<string> = new Set([
  ...['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
]);
const GONE: ReadonlySet<string> = new Set([
  ...['message_not_found', 'channel_not_found', 'is_archived', 'cant_update_message', 'edit_window_closed'],
]);

/** Whether the same may be taken later. */
export const isPassingError = (error: string): boolean => PASSING.has(error);

/** Whether a message that was there cannot be changed any more: another is to take its place. */
export const isGoneError = (error: string): boolean => GONE.has(error);
