import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { type Answerable, answerableOf, answerToken } from '../domain/alerts/answer-token.ts';
import { type Digest, isDigest } from '../domain/alerts/storm.ts';
import { env, text } from '../runtime/env.ts';
import * as digests from '../store/digests.ts';
import { signingSecret } from '../store/secrets.ts';

const { API_URL: plane } = env({ API_URL: text });

/** What a link to a digest is good for, the worst first: what one answer takes on in its time. */
const MOST_OF_DIGEST = 1_000;

/** A digest as links name it. */
const namedOf = ({ id, version, project }: Digest) => ({ id: `${id}-${version}`, project });

const kept = ({ group, project, alerts, more, expiresAt }: Answerable): Promise<void> =>
  digests.keep({ id: group, project, alerts, more, keptUntil: new Date(expiresAt).toISOString() });

/**
 * The URL of the page on which whoever is told of a group takes on what fires of it, for a day and without any other token;
 * undefined where nothing fires. `channel` is whom it is sent to, in words: `ops/slack[0]`. What a digest names is kept where a link
 * has no room for it.
 */
export const answerUrl = async (
  told: Pick<AlertGroup, 'id' | 'project'>,
  channel: string,
  alerts: readonly AlertRow[],
  at: number,
): Promise<string | undefined> => {
  const group = isDigest(told) ? namedOf(told) : told;
  const answerable = answerableOf(group, channel, alerts, at);
  if (answerable === undefined) return undefined;
  if (isDigest(told) && answerable.more > 0) {
    const whole = answerableOf(group, channel, alerts, at, MOST_OF_DIGEST);
    if (whole) await kept(whole);
  }
  return `${plane}/v1/answers?token=${answerToken(answerable, await signingSecret('answer'))}`;
};
