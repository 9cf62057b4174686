import { Fault, raise } from '../domain/faults.ts';
import { builtInRules, withBuiltIn } from '../domain/rules/built-in.ts';
import { isAlways } from '../domain/rules/condition.ts';
import type { Rule } from '../domain/rules/rule.ts';
import { dueAlways } from './due-key.ts';
import { indexOf } from './event-rules.ts';
import { partitionOf } from './project-keys.ts';
import { ruleKeyOf } from './rule-keys.ts';
import * as table from './table.ts';

/**
 * How rules lie in the state table: with their project, under an id that their name gives them; those of events are found without
 * the rest, and those that are always so, and on, let a tick ask for rules.
 */
export const entity: table.Entity<Rule> = {
  name: 'rule',
  key: ({ project, id }) => ruleKeyOf(project, id),
  indexes: (rule) => {
    const { enabled, when, project, id } = rule;
    const gsi1 = indexOf(rule);
    return { ...(gsi1 && { gsi1 }), ...(enabled && isAlways(when) && { gsi2: dueAlways(`${project}#${id}`) }) };
  },
};

/** The rules of a project as one: it is written with each change of one of them, since what is made of others must not go round. */
interface RuleSet {
  readonly project: string;
  readonly version: number;
}

const setKeyOf = (project: string): table.Key => ({ pk: partitionOf(project, 'rule-set'), sk: 'rule-set' });

export const setEntity: table.Entity<RuleSet> = { name: 'rule-set', key: ({ project }) => setKeyOf(project) };

/** All rules of a project in the order of their ids, those that are built in among them; strongly consistent. */
export const allOf = async (project: string): Promise<Rule[]> => {
  const range = { pk: partitionOf(project, 'rule'), limit: 500, consistent: true } as const;
  const rows = await Array.fromAsync(table.each<Rule>(range));
  return withBuiltIn(project, rows).toSorted((a, b) => (a.id < b.id ? -1 : 1));
};

const notFound = (id: string): never => raise('RuleNotFound', `There is no rule ${id}.`);

/** @throws RuleNotFound */
export const get = async (project: string, id: string): Promise<Rule> =>
  (await table.get<Rule>(ruleKeyOf(project, id))) ??
  builtInRules(project).find((rule) => rule.id === id) ??
  notFound(id);

/** A page of a project's rules in the order of their ids, those that are built in among them. They are few, and read at once. */
export const page = async (
  project: string,
  { limit, after }: Pick<table.Range, 'limit' | 'after'>,
): Promise<table.Slice<Rule>> => {
  const left = (await allOf(project)).filter(({ id }) => after === undefined || id > String(after.sk));
  const rows = left.slice(0, limit);
  const last = rows.at(-1);
  return left.length > rows.length && last !== undefined ? { rows, last: table.positionOf(entity, last) } : { rows };
};

/** The rules of a project with what a change of one of them is written upon. */
export interface Seen {
  readonly all: readonly Rule[];
  readonly set: RuleSet;
}

/** What a change is decided by. The set is read first: a rule that another writes meanwhile makes the change be refused. */
export const seen = async (project: string): Promise<Seen> => {
  const set = (await table.get<RuleSet>(setKeyOf(project))) ?? { project, version: 0 };
  return { set, all: await allOf(project) };
};

/** The rule that is to be changed. @throws RuleNotFound */
export const among = ({ all }: Seen, id: string): Rule => all.find((rule) => rule.id === id) ?? notFound(id);

/** A new one, or one in the place of one that is built in. @throws NameTaken, WriteConflict */
export const inserting = (rule: Rule, { set }: Seen): table.Write[] => [
  table.putNew(entity, rule, () => new Fault('NameTaken', `There is already a rule named ${rule.name}.`)),
  table.writing(setEntity, set),
];

/** Its next version; the first where it is built in and nobody has changed it yet. @throws WriteConflict */
export const changing = (after: Rule, { set }: Seen): table.Write[] => [
  after.version === 1 ? table.putNew(entity, after) : table.swapping(entity, after),
  table.writing(setEntity, set),
];

/** The end of one; what is built in is there again. @throws WriteConflict */
export const removing = (rule: Rule, { set }: Seen): table.Write[] => [
  table.deleting(entity, rule),
  table.writing(setEntity, set),
];
