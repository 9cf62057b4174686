import { isDeepStrictEqual } from 'node:util';
import type { Evaluation, RulesState } from './evaluate.ts';
import type { Entry } from './life.ts';

/** What of an entry says where its alert is in its life; the rest moves with each sample. */
const lifeOf = ({ version, since, fired, kept, ended, sent, labels, bits }: Entry) => ({
  version,
  since,
  fired,
  kept,
  ended,
  sent,
  labels,
  bits,
});

const livesIn = ({ subjects }: RulesState) =>
  Object.fromEntries(
    Object.entries(subjects).map(([id, { rules }]) => [
      id,
      Object.fromEntries(Object.entries(rules).map(([rule, entry]) => [rule, lifeOf(entry)])),
    ]),
  );

type Seen = Pick<Evaluation, 'state' | 'due'>;

/** Whether an alert has gone on in its life, or something else is due. */
export const isAnotherLife = (before: Seen, after: Seen): boolean =>
  !isDeepStrictEqual(before.due, after.due) || !isDeepStrictEqual(livesIn(before.state), livesIn(after.state));

/** What windows know is written this often: one that lacks some samples of a minute is as good a mean. */
const WINDOWS_MS = 60_000;

/** Whether what samples came to is to be written: at once where it is another life, else a minute after samples were written last. */
export const isWorthKeeping = (before: Seen & { readonly at: number }, after: Seen, now: number): boolean =>
  now - before.at >= WINDOWS_MS || isAnotherLife(before, after);
