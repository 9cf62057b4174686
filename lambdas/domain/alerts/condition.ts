import type { LabelSet } from './labels.ts';

/** What rows of the plane's own say of one alert: what it is called by, and whether what it is about is so. */
export interface Condition {
  readonly labels: LabelSet & { readonly alertname: string };
  /** Where it is `unknown` nobody can tell now: an alert that fires goes on. */
  readonly verdict: 'holds' | 'over' | 'unknown';
  /** Since when it holds: an Instant. */
  readonly since: string;
  /** Before this Instant it may still pass, and nobody is told. */
  readonly firesAt?: string;
  /** Its project wants nobody to be told of it. */
  readonly isUntold?: true;
  readonly annotations: LabelSet;
  /** The tags of its VM, as labels: rules are matched by them, too. */
  readonly tags?: LabelSet;
}

const RUNBOOK = 'https://novacron.dev/runbook';

/** What people are told of it: a title, what to know and to do, and where it is explained. */
export const annotated = (summary: string, lines: readonly string[], heading: string): LabelSet => ({
  summary,
  description: lines.join('\n'),
  runbook_url: `${RUNBOOK}#${heading}`,
});

const NAMED = 10;

/** `web-1, web-2 and 3 more`: a mail is read, a list of hundreds is not. */
export const namesText = (names: readonly string[]): string => {
  const shown = names.toSorted().slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
};

/** The labels of those that hold. */
const holding = (conditions: readonly Condition[]): string =>
  JSON.stringify(conditions.filter(({ verdict }) => verdict === 'holds').map(({ labels }) => labels));

/** Whether a change of a row is one that alerts are to hear of: what is `unknown` meanwhile is asked after each minute. */
export const isAnother = (before: readonly Condition[], after: readonly Condition[]): boolean =>
  holding(before) !== holding(after);
