import type { Condition } from '../alerts/condition.ts';
import { parseDuration } from '../alerts/durations.ts';
import { fingerprintOf, type LabelSet, withoutEmpty } from '../alerts/labels.ts';
import { matchesAll, parseMatcher } from '../alerts/matchers.ts';
import { filled } from './annotations.ts';
import type { Rule } from './rule.ts';

/** What becomes of an alert that the plane itself raises, by the rules of its event. */

/** The rules of one event in a project: that of the event's name, absent where it is as it came, and others in the order of their names. */
export type EventRules = readonly [own: Rule | undefined, ...more: Rule[]];

/** The event that a rule is of; undefined of one that is about what is measured. Whoever tells of events needs no more of conditions. */
export const eventOf = ({ when }: Pick<Rule, 'when'>): string | undefined => ('event' in when ? when.event : undefined);

const AS_IT_CAME: EventRules = [undefined];

/** The rules of events in a project, from those that have rows. */
export const eventRulesIn = (rows: readonly Rule[]): ((event: string) => EventRules) => {
  const byEvent = Map.groupBy(rows, eventOf);
  return (event) => {
    // Its name alone may be that of an event: then it is of none.
    const all = byEvent.get(event) ?? [];
    if (all.length === 0) return AS_IT_CAME;
    const others = all.filter(({ name }) => name !== event).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [all.find(({ name }) => name === event), ...others];
  };
};

/** The name of the event by which alerts of the plane's own are raised: that of `VmLost` is `vm-lost`. */
export const eventNameOf = (alertname: string): string => alertname.replace(/\B[A-Z]/g, '-$&').toLowerCase();

/** What an alert says of itself. */
interface Said {
  readonly labels: LabelSet & { readonly alertname: string };
  readonly annotations: LabelSet;
  /** The tags of its VM, as labels: for matchers, and no part of the alert. */
  readonly tags?: LabelSet;
}

/**
 * An alert as the rule of its event has it; undefined where nobody is to be told: the rule is off, or not about it. Matchers look
 * at the labels that the plane gave it. Without a rule it is as the plane says it.
 */
export const raisedBy = <T extends Said>(rule: Rule | undefined, said: T): T | undefined => {
  if (rule === undefined) return said;
  if (!rule.enabled || !matchesAll(rule.matchers.map(parseMatcher), { ...said.tags, ...said.labels })) return undefined;
  const { alertname } = said.labels;
  const labels = { ...withoutEmpty({ ...said.labels, ...rule.labels }), alertname };
  const texts = Object.entries(rule.annotations).map(([name, text = '']) => [name, filled(text, labels, undefined)]);
  return { ...said, labels, annotations: { ...said.annotations, ...Object.fromEntries(texts) } };
};

/** An alert as the rules of its event have it, each that is on and about it: the last as the last of them by name does. */
export const raisedByEach = <T extends Said>(rules: EventRules, said: T): T[] =>
  rules.flatMap((rule) => raisedBy(rule, said) ?? []);

const momentOf = ({ firesAt }: Condition): number => (firesAt === undefined ? 0 : Date.parse(firesAt));

/** What is so, once it has lasted as long as a rule says. */
const lasting = (rule: Rule | undefined, condition: Condition): Condition => {
  const waitMs = rule === undefined ? 0 : parseDuration(rule.for);
  if (waitMs === 0) return condition;
  const at = Math.max(momentOf(condition), Date.parse(condition.since) + waitMs);
  return { ...condition, firesAt: new Date(at).toISOString() };
};

/**
 * What is so, as the rules of its event have people told of it: an alert for each rule, of two that are called alike the one that
 * fires first. Where none is about it nobody is told, and it stands nevertheless.
 */
export const soBy = (rules: EventRules, condition: Condition): Condition[] => {
  const byLabels = new Map<string, Condition>();
  for (const rule of rules) {
    const raised = raisedBy(rule, condition);
    if (raised === undefined) continue;
    const waiting = lasting(rule, raised);
    const key = fingerprintOf(waiting.labels);
    const known = byLabels.get(key);
    if (known === undefined || momentOf(waiting) <= momentOf(known)) byLabels.set(key, waiting);
  }
  return byLabels.size === 0 ? [{ ...condition, isUntold: true }] : [...byLabels.values()];
};
