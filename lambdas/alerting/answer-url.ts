import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { answerableOf, answerToken } from '../domain/alerts/answer-token.ts';
import { env, text } from '../runtime/env.ts';
import { signingSecret } from '../store/secrets.ts';

const { API_URL: plane } = env({ API_URL: text });

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
export const answerUrl = async (...told: Parameters<typeof answerTokenFor>): Promise<string | undefined> => {
  const token = await answerTokenFor(...told);
  return token && `${plane}/v1/answers?token=${token}`;
};
