import { ruleIdOf } from '../domain/ids.ts';
import { type EventRules, eventOf, eventRulesIn } from '../domain/rules/event-rule.ts';
import type { Rule } from '../domain/rules/rule.ts';
import { partitionOf } from './project-keys.ts';
import { ruleKeyOf } from './rule-keys.ts';
import * as table from './table.ts';

/** Under which rules of events that are not called as their event lie in an index, with their project. */
export const indexOf = (rule: Rule): table.Key | undefined =>
  [undefined, rule.name].includes(eventOf(rule))
    ? undefined
    : { pk: partitionOf(rule.project, 'event-rule'), sk: rule.id };

/** The rules that a project has of these events. The index lags a moment behind the rows. */
export const ofEvents = async (project: string, events: Iterable<string>): Promise<(event: string) => EventRules> => {
  const keys = [...new Set(events)].map((event) => ruleKeyOf(project, ruleIdOf(project, event)));
  const named = { index: 'gsi1', pk: partitionOf(project, 'event-rule'), limit: 500 } as const;
  const [own, others] = await Promise.all([table.getEach<Rule>(keys), Array.fromAsync(table.each<Rule>(named))]);
  return eventRulesIn([...own, ...others]);
};
