import { type LabelSet, withoutEmpty } from '../alerts/labels.ts';
import { matchesAll, parseMatcher } from '../alerts/matchers.ts';
import { filled } from './annotations.ts';
import type { Rule } from './rule.ts';

/** What becomes of an alert that the plane itself raises, by the rule of its event. */

/** The name of the rule by which alerts of the plane's own are raised: that of `VmLost` is `vm-lost`. */
export const eventNameOf = (alertname: string): string => alertname.replace(/\B[A-Z]/g, '-$&').toLowerCase();

/** What an alert says of itself. */
interface Said {
  readonly labels: LabelSet & { readonly alertname: string };
  readonly annotations: LabelSet;
}

/**
 * An alert as the rule of its event has it; undefined where nobody is to be told: the rule is off, or not about it. Matchers look
 * at the labels that the plane gave it. Without a rule it is as the plane says it.
 */
export const raisedBy = <T extends Said>(rule: Rule | undefined, said: T): T | undefined => {
  if (rule === undefined) return said;
  if (!rule.enabled || !matchesAll(rule.matchers.map(parseMatcher), said.labels)) return undefined;
  const { alertname } = said.labels;
  const labels = { ...withoutEmpty({ ...said.labels, ...rule.labels }), alertname };
  const texts = Object.entries(rule.annotations).map(([name, text = '']) => [name, filled(text, labels, undefined)]);
  return { ...said, labels, annotations: { ...said.annotations, ...Object.fromEntries(texts) } };
};
