import { matcherText, parseMatchers } from '../../lambdas/domain/alerts/matchers.ts';
import type { NewSchedule, NewSilence, Silence, SilenceChange } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { type EndSaid, endSaid } from '../ends.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems, printList } from '../output.ts';
import { findWindow } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { silenceView } from '../views.ts';
import { said } from './timed.ts';

interface Listed extends CommonOptions {
  readonly filter?: readonly string[];
  readonly expired?: true;
}

/** `silence list` */
export const listSilences: Verb<Listed> = async (session, _args, { filter, expired }) => {
  const { items } = await session.client.call('GET /v1/silences', { query: { filter: filter?.join(',') } });
  await printList(
    session,
    silenceView(),
    items.filter(({ state }) => expired || state !== 'expired'),
  );
  return undefined;
};

/** `silence get` */
export const getSilences: Verb = async (session, ids) => {
  const found: Silence[] = [];
  for (const id of ids) found.push(await session.client.call('GET /v1/silences/{id}', { path: { id } }));
  await printItems(session, silenceView(), found);
  return undefined;
};

interface Said extends CommonOptions, EndSaid {
  readonly comment?: string;
  readonly from?: string;
  readonly window?: string;
  readonly period?: NewSchedule['periods'];
  readonly zone?: string;
  readonly closed?: NewSchedule['closures'];
  readonly remindBefore?: number;
  readonly matcher?: readonly string[];
}

const matchersOf = (words: readonly string[]): string[] => {
  try {
    return words.flatMap(parseMatchers).map(matcherText);
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : error}. A matcher is such as team=db, team=~"db|web".`,
    );
  }
};

/** Times of its own; undefined where it has none. @throws UsageError where there is a zone or a closed day and no period */
const timesOf = ({ period, zone, closed }: Said): NewSilence['times'] => {
  if (period === undefined) {
    if (zone === undefined && closed === undefined) return undefined;
    throw new UsageError('Say when it recurs: --period "sun 02:00-04:00".');
  }
  const timeZone = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { timeZone, periods: period, ...(closed ? { closures: closed } : {}) };
};

/** What is said of when it holds, and of its reminder. */
const fieldsOf = async (session: Session, options: Said, from: string) => {
  const { window, remindBefore } = options;
  return said({
    endsAt: endSaid(options, from),
    window: window === undefined ? undefined : (await findWindow(session, window)).id,
    times: timesOf(options),
    remindBefore: remindBefore === undefined ? undefined : `${remindBefore}s`,
  });
};

/** `silence create` */
export const createSilence: Verb<Said> = async (session, words, options) => {
  const { from, comment = '' } = options;
  const fields = await fieldsOf(session, options, from ?? new Date().toISOString());
  if (fields.endsAt === undefined && fields.window === undefined && fields.times === undefined) {
    throw new UsageError('Say how long, by --for or by --until, or when it recurs, by --window or by --period.');
  }
  const body: NewSilence = { ...fields, ...said({ startsAt: from }), matchers: matchersOf(words), comment };
  await printItems(session, silenceView(), [await session.client.call('POST /v1/silences', { body })]);
  return undefined;
};

/** What becomes of how it recurs: by a window or by times of its own, never both. */
const otherwise = ({ window, times }: SilenceChange): SilenceChange => ({
  ...(window === undefined ? {} : { times: null }),
  ...(times === undefined ? {} : { window: null }),
});

/** `silence update` */
export const updateSilence: Verb<Said> = async (session, [id = ''], options) => {
  const { matcher, comment } = options;
  const fields = await fieldsOf(session, options, new Date().toISOString());
  if (fields.window !== undefined && fields.times !== undefined) {
    throw new UsageError('Say --window or --period, not both.');
  }
  const body: SilenceChange = {
    ...otherwise(fields),
    ...fields,
    ...said({ matchers: matcher && matchersOf(matcher), comment }),
  };
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --for or --comment.');
  await printItems(session, silenceView(), [
    await session.client.call('PATCH /v1/silences/{id}', { path: { id }, body }),
  ]);
  return undefined;
};

interface Expired extends CommonOptions {
  readonly occurrence?: true;
}

/** `silence expire` */
export const expireSilences: Verb<Expired> = async (session, ids, { occurrence = false }) => {
  for (const id of ids) {
    const after = await session.client.call('POST /v1/silences/{id}/actions/expire', {
      path: { id },
      body: { occurrence },
    });
    session.note(
      occurrence ? `Silence ${id} holds next from ${after.occurrence?.from ?? 'never'}.` : `Silence ${id} is over.`,
    );
  }
  return undefined;
};
