import { v2MatcherOf } from '../../lambdas/domain/alerts/api-v2.ts';
import { parseMatchers } from '../../lambdas/domain/alerts/matchers.ts';
import type { NewSilence, Silence } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { type EndSaid, endSaid } from '../ends.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems, printList } from '../output.ts';
import type { CommonOptions, Session } from '../session.ts';
import { silenceView } from '../views.ts';

interface Listed extends CommonOptions {
  readonly filter?: readonly string[];
  readonly expired?: true;
}

/** `silence list` */
export const listSilences: Verb<Listed> = async (session, _args, { filter, expired }) => {
  const all = await session.client.call('GET /api/v2/silences', { query: { filter: filter?.join(',') } });
  await printList(
    session,
    silenceView(),
    all.filter(({ status }) => expired || status.state !== 'expired'),
  );
  return undefined;
};

const silenceOf = ({ client }: Session, id: string): Promise<Silence> =>
  client.call('GET /api/v2/silence/{id}', { path: { id } });

/** `silence get` */
export const getSilences: Verb = async (session, ids) => {
  const found: Silence[] = [];
  for (const id of ids) found.push(await silenceOf(session, id));
  await printItems(session, silenceView(), found);
  return undefined;
};

interface Said extends CommonOptions, EndSaid {
  readonly comment: string;
  readonly from?: string;
}

/** @throws UsageError where neither says when it ends, or both do */
const endOf = (said: Said, startsAt: string): string => {
  const end = endSaid(said, startsAt);
  if (end === undefined) throw new UsageError('Say how long, by --for or by --until.');
  return end;
};

const matchersOf = (words: readonly string[]): NewSilence['matchers'] => {
  try {
    return words.flatMap(parseMatchers).map(v2MatcherOf);
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : error}. A matcher is such as team=db, team=~"db|web".`,
    );
  }
};

/** `silence create` */
export const createSilence: Verb<Said> = async (session, words, options) => {
  const startsAt = options.from ?? new Date().toISOString();
  const { name: createdBy } = await session.client.call('GET /v1/me');
  const body: NewSilence = {
    matchers: matchersOf(words),
    startsAt,
    endsAt: endOf(options, startsAt),
    createdBy,
    comment: options.comment,
  };
  const { silenceID } = await session.client.call('POST /api/v2/silences', { body });
  await printItems(session, silenceView(), [await silenceOf(session, silenceID)]);
  return undefined;
};

/** `silence expire` */
export const expireSilences: Verb = async (session, ids) => {
  for (const id of ids) {
    await session.client.call('DELETE /api/v2/silence/{id}', { path: { id } });
    session.note(`Silence ${id} is over.`);
  }
  return undefined;
};
