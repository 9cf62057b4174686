import { type Alert, isResolvedAt } from './alert.ts';

/** What has become of an alert, the oldest first: what stands in its row, and goes with it a day after its end. */

/** That it began or ended, or that a person did something about it. */
export type Entry =
  | { readonly at: string; readonly what: 'fired' | 'resolved' }
  | {
      readonly at: string;
      readonly what: 'acknowledged' | 'given-back' | 'commented' | 'assigned';
      readonly by: string;
      readonly text?: string;
      /** Whom it was assigned to; nobody, where it is left out. */
      readonly to?: string;
    };

/** What a person did about an alert. */
export type Deed = Extract<Entry, { readonly by: string }>;

/** A deed in words, for those who were told of the alert; `until` is an Instant. */
export const deedSaid = ({ what, by, text, to }: Deed, until?: string): string => {
  const more = text === undefined ? '' : `: ${text}`;
  switch (what) {
    case 'acknowledged':
      return `Taken on by ${by}${until === undefined ? '' : ` until ${until}`}${more}`;
    case 'given-back':
      return `Given back by ${by}`;
    case 'assigned':
      return to === undefined ? `Assigned to nobody by ${by}` : `Assigned to ${to} by ${by}`;
    case 'commented':
      return `${by}${more}`;
  }
};

/** An alert is written each time it is heard of, so its row is to stay small: one that comes and goes fills it with little else. */
const MOST = 100;
export const MOST_OF_LIFE = 20;

const isOfLife = ({ what }: Entry): boolean => what === 'fired' || what === 'resolved';

const lastOfLife = (history: readonly Entry[]): Entry['what'] | undefined => history.findLast(isOfLife)?.what;

/** The history with one more entry, without what is too old to be kept. */
export const withEntry = (history: readonly Entry[] = [], entry: Entry): Entry[] => {
  const all = [...history, entry];
  const tooMany = all.filter(isOfLife).length - MOST_OF_LIFE;
  const gone = new Set(tooMany > 0 ? all.filter(isOfLife).slice(0, tooMany) : []);
  return all.filter((each) => !gone.has(each)).slice(-MOST);
};

type Lived = Pick<Alert, 'startsAt' | 'endsAt'> & { readonly history?: readonly Entry[]; readonly pending?: true };

/** With its end, where it is over and none is noted: an alert of which nobody was heard ends without a write. */
export const endNoted = ({ history = [], endsAt }: Lived, now: number): readonly Entry[] =>
  isResolvedAt({ endsAt }, now) && lastOfLife(history) === 'fired'
    ? withEntry(history, { at: endsAt, what: 'resolved' })
    : history;

/** When it began and ended: instants, the oldest first, at most the last MOST_OF_LIFE. */
export const changesOf = (alert: Lived, now: number): string[] =>
  endNoted(alert, now)
    .filter(isOfLife)
    .map(({ at }) => at);

/** The history of an alert that is now like this, from what it was: when it began and ended since. */
export const historyAfter = (before: Lived | undefined, after: Lived, now: number): readonly Entry[] => {
  const history = before ? endNoted(before, now) : [];
  if (after.pending || isResolvedAt(after, now)) return endNoted({ ...after, history }, now);
  if (lastOfLife(history) === 'fired') return history;
  const isAgain = before?.startsAt === after.startsAt && history.length > 0;
  return withEntry(history, { at: isAgain ? new Date(now).toISOString() : after.startsAt, what: 'fired' });
};
