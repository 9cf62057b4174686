import { fingerprintOf, type LabelSet, labelOf, withoutEmpty } from '../alerts/labels.ts';
import { type CompiledRules, isAbout, type Joined } from './compile.ts';
import { type Composite, isAlways } from './condition.ts';
import { inOrder, momentsOf, slotsOf } from './due.ts';
import type { RulesState } from './evaluate.ts';
import { type Entry, ending, isFiring, lived, type RuleAlert, telling } from './life.ts';

/** Rules that are made of rules: they hold for whatever subjects their parts fire for, wherever these are. */

/** A rule of a project, by name, that fires for a subject with these labels. */
export interface Firing {
  readonly rule: string;
  readonly labels: LabelSet;
}

/** What is kept of the composites of a project: by id of the rule and fingerprint of what its parts agree in. JSON. */
export type CompositeState = Readonly<Record<string, Readonly<Record<string, Entry>>>>;

interface CompositeEvaluation {
  readonly state: CompositeState;
  /** @see Evaluation */
  readonly alerts: readonly RuleAlert[];
  /** @see Evaluation */
  readonly due: readonly number[];
}

/** Labels of a subject: those of its alert that are not the rule's. */
const subjectIn = ({ labels = {} }: Entry, own: LabelSet): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !Object.hasOwn(own, name)));

/** What fires of a project by the state of one source: what composites are made of. */
export const firingIn = (rules: CompiledRules, { subjects }: RulesState, project: string): Firing[] =>
  Object.values(subjects)
    .filter((kept) => kept.project === project)
    .flatMap((kept) => Object.entries(kept.rules))
    .flatMap(([id, entry]) => {
      const compiled = rules.byId.get(id);
      if (compiled === undefined || !isFiring(entry)) return [];
      return [{ rule: compiled.rule.name, labels: subjectIn(entry, compiled.labels) }];
    });

/** The labels in which the parts of a composite must agree, of each subject for which one fires, by their fingerprint. */
type Agreed = ReadonlyMap<string, LabelSet>;

const agreedIn = ({ equal }: Composite, firing: readonly LabelSet[]): Agreed =>
  new Map(
    firing
      .map((labels) =>
        withoutEmpty(equal ? Object.fromEntries(equal.map((name) => [name, labelOf(labels, name)])) : labels),
      )
      .map((labels) => [fingerprintOf(labels), labels]),
  );

/** What is always so is so of one thing, which needs no labels: the plane. */
const THE_PLANE: Agreed = new Map([[fingerprintOf({}), {}]]);

/** What a composite holds for. */
const holding = (joined: Joined, firing: ReadonlyMap<string, readonly LabelSet[]>): Agreed => {
  const { when } = joined;
  if (isAlways(when)) return THE_PLANE;
  const part = (names: readonly string[] = []) => names.map((name) => agreedIn(when, firing.get(name) ?? []));
  const [all, any, not] = [part(when.all), part(when.any), part(when.not)];
  const candidates = all[0] ?? new Map(any.flatMap((each) => [...each]));
  return new Map(
    [...candidates].filter(
      ([key, labels]) =>
        all.every((each) => each.has(key)) &&
        (any.length === 0 || any.some((each) => each.has(key))) &&
        !not.some((each) => each.has(key)) &&
        isAbout(joined, labels),
    ),
  );
};

/** What becomes of one composite; what is to be told goes into `alerts`. */
const looked = (
  joined: Joined,
  before: Readonly<Record<string, Entry>>,
  holds: Agreed,
  now: number,
  alerts: RuleAlert[],
) => {
  const { id, project, version } = joined.rule;
  const after: Record<string, Entry> = {};
  for (const entry of Object.values(before)) {
    if (entry.version !== version) alerts.push(...ending({ id, project }, entry, now));
  }
  for (const key of new Set([...Object.keys(before), ...holds.keys()])) {
    const known = before[key];
    const entry = known?.version === version ? known : { version };
    const next = lived(joined, entry, now, holds.has(key));
    const told = telling(joined, { before: entry, after: next, labels: holds.get(key), at: now, now });
    alerts.push(...told.alerts);
    if (told.entry.since !== undefined) after[key] = told.entry;
  }
  return after;
};

/**
 * Looks at the composites of a project: as something begins or ceases to fire, and as time goes by.
 * @param firing all that fires in the project by rules that are no composites, of all sources
 */
export const evaluateComposites = (
  rules: CompiledRules,
  project: string,
  firing: readonly Firing[],
  before: CompositeState,
  now: number,
): CompositeEvaluation => {
  const alerts: RuleAlert[] = [];
  const state: Record<string, Record<string, Entry>> = {};
  const due: number[] = [];
  const joined = rules.composites.get(project) ?? [];
  const byRule = new Map<string, readonly LabelSet[]>();
  for (const [rule, each] of Map.groupBy(firing, ({ rule }) => rule))
    byRule.set(
      rule,
      each.map(({ labels }) => labels),
    );
  for (const [id, entries] of Object.entries(before)) {
    if (joined.some(({ rule }) => rule.id === id)) continue;
    alerts.push(...Object.values(entries).flatMap((entry) => ending({ id, project }, entry, now)));
  }
  for (const each of joined) {
    const { id, name } = each.rule;
    const after = looked(each, before[id] ?? {}, holding(each, byRule), now, alerts);
    if (Object.keys(after).length > 0) state[id] = after;
    for (const entry of Object.values(after)) due.push(...slotsOf(momentsOf(each, entry), now));
    byRule.set(
      name,
      Object.values(after)
        .filter(isFiring)
        .map((entry) => subjectIn(entry, each.labels)),
    );
  }
  return { state, alerts, due: inOrder(due) };
};
