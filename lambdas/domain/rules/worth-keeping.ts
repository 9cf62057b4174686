import { isDeepStrictEqual } from 'node:util';
import type { RulesState } from './evaluate.ts';
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

/** What windows know is written this often: one that lacks some samples of a minute is as good a mean. */
const WINDOWS_MS = 60_000;

/** Whether a state is to be written: at once where an alert goes on in its life, else each minute. */
export const isWorthKeeping = (
  before: { readonly state: RulesState; readonly at: number },
  after: RulesState,
  now: number,
): boolean => now - before.at >= WINDOWS_MS || !isDeepStrictEqual(livesIn(before.state), livesIn(after));
