import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { ssm } from '../../runtime/clients.ts';
import { env, text } from '../../runtime/env.ts';
import { Away, channel, Refused } from '../channel.ts';
import { type SlackMessage, slackMessage } from './slack-message.ts';

const { SLACK_WEBHOOK_PARAMETER: Name } = env({ SLACK_WEBHOOK_PARAMETER: text });

/** A webhook that was changed is used at last after this time. */
const KEEP_MS = 5 * 60_000;

/** Together below the function's time-out, with the requests between them. */
const TRIES = 3;
const LONGEST_PAUSE_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const REQUEST_MS = 5_000;

let known: { readonly url: string; readonly until: number } | undefined;

/** The webhook's URL is the secret: it stands in a SecureString, never in the environment or a log. */
const webhook = async (): Promise<string> => {
  if (known && known.until > Date.now()) return known.url;
  const { Parameter } = await ssm().send(new GetParameterCommand({ Name, WithDecryption: true }));
  const url = z.url({ error: `The parameter ${Name} holds no URL.` }).parse(Parameter?.Value);
  known = { url, until: Date.now() + KEEP_MS };
  return url;
};

/** Milliseconds Slack asks for, else twice the last pause. */
const pauseOf = (answer: Response | undefined, tried: number): number => {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN) * 1000;
  return Math.min(Number.isFinite(asked) ? asked : FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS);
};

const request = async (url: string, message: SlackMessage): Promise<Response | undefined> => {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      // A webhook answers itself; following a redirect would carry the notice elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  } catch {
    // No connection, or no answer in time: the error's text may hold the URL, so it is not kept.
    return undefined;
  }
};

/** Slack's own answers that no later delivery changes ("Sending messages using incoming webhooks", docs.slack.dev). */
const REFUSALS: ReadonlySet<number> = new Set([400, 413]);

/** The webhook was revoked or replaced: the next delivery reads it anew. */
const isGone = (status: number): boolean => status !== 429 && status >= 400 && status < 500;

const checked = (answer: Response | undefined): 'taken' | 'away' => {
  if (answer?.ok) return 'taken';
  if (answer && REFUSALS.has(answer.status)) throw new Refused(`Slack refused the message: ${answer.status}.`);
  if (answer && isGone(answer.status)) {
    known = undefined;
    throw new Away(`Slack does not know the webhook: ${answer.status}.`);
  }
  return 'away';
};

/** Posts, and again where Slack is busy or away. @throws Refused, or Away: then the queue keeps the notice */
const post = async (message: SlackMessage, until: number): Promise<void> => {
  const url = await webhook();
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = await request(url, message);
    if (checked(answer) === 'taken') return;
    const pause = pauseOf(answer, tried);
    if (tried === TRIES - 1 || Date.now() + pause > until) break;
    await sleep(pause);
  }
  // It may be another webhook by the next delivery.
  known = undefined;
  throw new Away('Slack did not take the message.');
};

/** Posts each notice to Slack's incoming webhook. */
export const handler = channel('slack', (notice, until) => post(slackMessage(notice), until));
