import type { Alert } from './alert.ts';
import type { InhibitRule } from './config-route.ts';
import { fingerprintOf, type LabelSet, labelOf } from './labels.ts';
import { matchesAll } from './matchers.ts';

type Labelled = Pick<Alert, 'labels'>;

/** A firing alert that is a source of a rule, and whether it is a target of it too. */
interface Source {
  readonly fingerprint: string;
  readonly isTarget: boolean;
}

/** What must be equal; a label that is missing is equal to one that is empty. */
const equalOf = ({ equal }: InhibitRule, labels: LabelSet): string =>
  JSON.stringify(equal.map((name) => labelOf(labels, name)));

const sourcesOf = (rule: InhibitRule, firing: readonly Labelled[]): ReadonlyMap<string, readonly Source[]> => {
  const sources = new Map<string, Source[]>();
  for (const { labels } of firing) {
    if (!matchesAll(rule.source_matchers, labels)) continue;
    const equal = equalOf(rule, labels);
    const source = { fingerprint: fingerprintOf(labels), isTarget: matchesAll(rule.target_matchers, labels) };
    const those = sources.get(equal) ?? [];
    those.push(source);
    sources.set(equal, those);
  }
  return sources;
};

/**
 * Who keeps whom quiet among alerts that fire now, whether they are quiet themselves or not: asked by an alert's labels, it
 * tells the fingerprints of those that do, in order. Sources lie by their equal labels, so that many alerts may be asked about.
 */
export const inhibition = (
  rules: readonly InhibitRule[],
  firing: readonly Labelled[],
): ((labels: LabelSet) => string[]) => {
  const known = rules.map((rule) => ({ rule, sources: sourcesOf(rule, firing) }));
  return (labels) => {
    const found = known.flatMap(({ rule, sources }) => {
      if (!matchesAll(rule.target_matchers, labels)) return [];
      // What is source and target both is quiet only for what is a source alone: else it would be so for itself.
      const isSource = matchesAll(rule.source_matchers, labels);
      const those = sources.get(equalOf(rule, labels)) ?? [];
      return those.filter(({ isTarget }) => !(isSource && isTarget)).map(({ fingerprint }) => fingerprint);
    });
    return [...new Set(found)].sort();
  };
};

/** The alerts that keep this one quiet, by fingerprint; Alertmanager tells one of them, whichever it meets first. */
export const inhibitorsOf = (rules: readonly InhibitRule[], alert: Labelled, firing: readonly Labelled[]): string[] =>
  inhibition(rules, firing)(alert.labels);
