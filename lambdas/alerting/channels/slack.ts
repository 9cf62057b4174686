import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { SNSEvent } from 'aws-lambda';
import * as z from 'zod';
import { ssm } from '../../runtime/clients.ts';
import { env, text } from '../../runtime/env.ts';
import { Notice } from '../notice.ts';
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

/** Posts, and again where Slack is busy or away. @throws where it stays so, or refuses: then SNS tries again, and the DLQ keeps it */
const post = async (message: SlackMessage): Promise<void> => {
  const url = await webhook();
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = await request(url, message);
    if (answer?.ok) return;
    if (answer && answer.status !== 429 && answer.status < 500) {
      // It may have been revoked or replaced: the next delivery reads it anew.
      known = undefined;
      throw new Error(`Slack refused the message: ${answer.status}.`);
    }
    if (tried < TRIES - 1) await sleep(pauseOf(answer, tried));
  }
  throw new Error(`Slack did not take the message in ${TRIES} tries.`);
};

/** What else arrives at the topic (CloudWatch alarms) is shown as it is. */
const noticeFrom = (message: string, subject: string | null | undefined, id: string): Notice => {
  try {
    return Notice.parse(JSON.parse(message));
  } catch {
    const facts: Notice['facts'] = [['Message', message.slice(0, 1_500)]];
    return {
      id,
      severity: 'warning',
      title: subject ?? 'NovaCron',
      facts,
      advice: ['See the runbook.'],
      links: RUNBOOK,
    };
  }
};

const RUNBOOK: Notice['links'] = [{ label: 'Runbook', url: 'https://novacron.dev/runbook' }];

/** Subscriber of the alert topic: posts each notice to Slack's incoming webhook. */
export const handler = async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) await post(slackMessage(noticeFrom(Sns.Message, Sns.Subject, Sns.MessageId)));
};
