import { Fault } from '../faults.ts';
import type { SubjectKind } from '../metrics/catalog.ts';
import { eventIn, isComposite, membersOf } from './condition.ts';
import { DEEPEST } from './deepest.ts';
import { type Rule, subjectOf } from './rule.ts';

/** Rules that are made of rules: what they may be made of, and in which order they are looked at. */

type Known = Pick<Rule, 'name' | 'when'>;

const cyclic = (path: readonly string[]): Fault =>
  new Fault('RuleCyclic', `A rule cannot be made of itself: ${path.join(' is made of ')}.`);

const depthOf = (
  name: string,
  byName: ReadonlyMap<string, Known>,
  known: Map<string, number>,
  path: readonly string[],
): number => {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (path.includes(name)) throw cyclic([...path.slice(path.indexOf(name)), name]);
  const rule = byName.get(name);
  const parts = rule === undefined ? [] : membersOf(rule.when);
  const depth = parts.reduce(
    (deepest, [, part]) => Math.max(deepest, 1 + depthOf(part, byName, known, [...path, name])),
    0,
  );
  known.set(name, depth);
  return depth;
};

/** How many rules stand below each, at most. @throws RuleCyclic naming the way round */
export const depthsOf = (rules: readonly Known[]): ReadonlyMap<string, number> => {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const known = new Map<string, number>();
  for (const { name } of rules) depthOf(name, byName, known, []);
  return known;
};

/** What a rule and all below it are about. */
const kindsOf = (rule: Known, byName: ReadonlyMap<string, Known>): Set<SubjectKind | undefined> => {
  const parts = membersOf(rule.when).flatMap(([, name]) => byName.get(name) ?? []);
  return parts.length === 0 ? new Set([subjectOf(rule)]) : new Set(parts.flatMap((part) => [...kindsOf(part, byName)]));
};

/** No VM has the labels of a host: where both are looked at, one must say in which they agree. */
const assertComparable = (rule: Known, all: readonly Known[]): void => {
  if (!isComposite(rule.when) || rule.when.equal !== undefined) return;
  const kinds = kindsOf(rule, new Map(all.map((each) => [each.name, each])));
  if (kinds.size <= 1) return;
  const detail = 'the labels in which VMs and hosts must agree, such as host';
  throw new Fault('InvalidRequest', `equal is wanted: ${detail}.`, { errors: [{ pointer: '/when/equal', detail }] });
};

/** Refuses a rule whose parts are not there, or that is made of itself. @throws InvalidRequest, RuleCyclic */
export const assertMadeOf = (rule: Known, all: readonly Known[]): void => {
  const others = all.filter(({ name }) => name !== rule.name);
  const known = new Set(all.map(({ name }) => name));
  const parts = membersOf(rule.when);
  const ofEvents = new Set(all.filter(({ when }) => eventIn(when) !== undefined).map(({ name }) => name));
  const event = parts.find(([, name]) => ofEvents.has(name));
  if (event !== undefined) {
    const [place, name] = event;
    const detail = `${name} is the rule of an event: rules are made of those about what is measured`;
    throw new Fault('InvalidRequest', `${detail}.`, { errors: [{ pointer: `/when/${place}`, detail }] });
  }
  const missing = membersOf(rule.when).filter(([, name]) => !known.has(name) && name !== rule.name);
  if (missing.length > 0) {
    const errors = missing.map(([place, name]) => ({ pointer: `/when/${place}`, detail: `there is no rule ${name}` }));
    throw new Fault('InvalidRequest', `There is no rule ${missing.map(([, name]) => name).join(', ')}.`, { errors });
  }
  const changed = [...others, rule];
  const tooHigh = [...depthsOf(changed)].find(([, depth]) => depth > DEEPEST);
  if (tooHigh !== undefined) {
    const [name, depth] = tooHigh;
    throw new Fault(
      'InvalidRequest',
      `At most ${DEEPEST} rules stand below one another; below ${name} would be ${depth}.`,
    );
  }
  assertComparable(rule, changed);
};

/** The rules that are made of this one. */
export const madeOf = (name: string, all: readonly Known[]): string[] =>
  all.filter(({ when }) => membersOf(when).some(([, part]) => part === name)).map((rule) => rule.name);
