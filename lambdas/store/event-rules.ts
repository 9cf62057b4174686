import { ruleIdOf } from '../domain/ids.ts';
import type { Rule } from '../domain/rules/rule.ts';
import { ruleKeyOf } from './rule-keys.ts';
import * as table from './table.ts';

/** The rules of these events that a project has changed, by their names; the others are as they came, and say nothing of their own. */
export const changedOf = async (project: string, names: Iterable<string>): Promise<ReadonlyMap<string, Rule>> => {
  const keys = [...new Set(names)].map((name) => ruleKeyOf(project, ruleIdOf(project, name)));
  const rows = await table.getEach<Rule>(keys);
  // A rule of such a name may be older than that of the event.
  return new Map(rows.filter(({ when }) => 'event' in when).map((rule) => [rule.name, rule]));
};
