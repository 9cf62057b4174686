import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { answerableOf, answerToken, MOST_ALERTS } from '../domain/alerts/answer-token.ts';
import { type Digest, isDigest } from '../domain/alerts/storm.ts';
import { env, text } from '../runtime/env.ts';
import * as digests from '../store/digests.ts';
import { signingSecret } from '../store/secrets.ts';

const { API_URL: plane } = env({ API_URL: text });

/** What a link to a digest is good for, the worst first: what one answer takes on in its time. */
const MOST_OF_DIGEST = 1_000;

/** A digest as links name it. What it names is kept where a link has no room for it. */
const answeredAs = async (
  { id, version, project }: Digest,
  channel: string,
  alerts: readonly AlertRow[],
  at: number,
) => {
  const group = { id: `${id}-${version}`, project };
  const whole = answerableOf(group, channel, alerts, at, MOST_OF_DIGEST);
  if (whole && whole.alerts.length > MOST_ALERTS) {
    const keptUntil = new Date(whole.expiresAt).toISOString();
    await digests.keep({ ...group, alerts: whole.alerts, more: whole.more, keptUntil });
  }
  return group;
};

/** By which whoever is told of a group may answer; undefined where nothing of it fires. */
export const answerTokenFor = async (
  group: Pick<AlertGroup, 'id' | 'project'>,
  channel: string,
  alerts: readonly AlertRow[],
  at: number,
): Promise<string | undefined> => {
  const answerable = answerableOf(group, channel, alerts, at);
  return answerable && answerToken(answerable, await signingSecret('answer'));
};

/**
 * The URL of the page on which whoever is told of a group takes on what fires of it, for a day and without any other token;
 * undefined where nothing fires. `channel` is whom it is sent to, in words: `ops/slack[0]`.
 */
export const answerUrl = async (
  told: Pick<AlertGroup, 'id' | 'project'>,
  channel: string,
  alerts: readonly AlertRow[],
  at: number,
): Promise<string | undefined> => {
  const group = isDigest(told) ? await answeredAs(told, channel, alerts, at) : told;
  const token = await answerTokenFor(group, channel, alerts, at);
  return token && `${plane}/v1/answers?token=${token}`;
};
