import type { LabelSet } from './labels.ts';
import { isLabelName } from './labels.ts';
import { type Matcher, matchesAll, matchesValue } from './matchers.ts';

/** A silence as Alertmanager 0.25 keeps it. Times are instants as text. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceState = 'active' | 'pending' | 'expired';

/** What a silence is at a moment; its end is no part of it, so that one that is ended now is over now. */
export const stateOf = ({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, at: number): SilenceState => {
  if (at < Date.parse(startsAt)) return 'pending';
  return at < Date.parse(endsAt) ? 'active' : 'expired';
};

/** The silences that keep an alert quiet now, by id, in order. */
export const silencesOf = (silences: readonly Silence[], labels: LabelSet, at: number): string[] =>
  silences
    .filter((silence) => stateOf(silence, at) === 'active' && matchesAll(silence.matchers, labels))
    .map(({ id }) => id)
    .sort();

/** Why a silence cannot be kept, in Alertmanager's words; nothing where it can. */
export const silenceRefusal = ({
  matchers,
  startsAt,
  endsAt,
}: Pick<Silence, 'matchers' | 'startsAt' | 'endsAt'>): string | undefined => {
  if (matchers.length === 0) return 'at least one matcher required';
  const unnamed = matchers.findIndex(({ name }) => !isLabelName(name));
  if (unnamed >= 0) return `invalid label matcher ${unnamed}: invalid label name "${matchers[unnamed]?.name}"`;
  const isOfAll = matchers.every((matcher) => !matcher.type.startsWith('!') && matchesValue(matcher, ''));
  if (isOfAll) return 'at least one matcher must not match the empty string';
  return Date.parse(endsAt) < Date.parse(startsAt) ? 'end time must not be before start time' : undefined;
};

const secondOf = (at: string): number => Math.floor(Date.parse(at) / 1000);

const isSameList = (a: readonly Matcher[], b: readonly Matcher[]): boolean =>
  a.length === b.length &&
  a.every(({ name, type, value }, index) => {
    const other = b[index];
    return other?.name === name && other.type === type && other.value === value;
  });

/** Whether a silence may become another without a word about what it has silenced until now; else it is ended, and a new one begun. */
export const isChangeable = (before: Silence, after: Silence, at: number): boolean => {
  if (!isSameList(before.matchers, after.matchers)) return false;
  const state = stateOf(before, at);
  if (state === 'expired') return false;
  if (state === 'pending') return Date.parse(after.startsAt) >= at;
  return secondOf(after.startsAt) === secondOf(before.startsAt) && Date.parse(after.endsAt) >= at;
};

/** A silence that is ended now. */
export const ended = (silence: Silence, at: number): Silence => {
  const now = new Date(at).toISOString();
  const state = stateOf(silence, at);
  if (state === 'expired') return silence;
  return { ...silence, startsAt: state === 'pending' ? now : silence.startsAt, endsAt: now, updatedAt: now };
};
