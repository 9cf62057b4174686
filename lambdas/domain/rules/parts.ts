import type { CompiledRules } from './compile.ts';
import type { RulesState } from './evaluate.ts';
import { isFiring } from './life.ts';
import { madeOf } from './rule-graph.ts';

/** What fires, by project, id of the rule and labels. */
const keysOfFiring = ({ subjects }: RulesState): Set<string> =>
  new Set(
    Object.values(subjects).flatMap(({ project, rules }) =>
      Object.entries(rules)
        .filter(([, entry]) => isFiring(entry))
        .map(([id, { labels }]) => JSON.stringify([project, id, labels])),
    ),
  );

/** Projects that have rules which are made of what began to fire, or ceased to, from one state of a source to the next. */
export const projectsWithPartsChanged = (
  { byId, composites }: CompiledRules,
  before: RulesState,
  after: RulesState,
): ReadonlySet<string> => {
  const changed = [...keysOfFiring(before).symmetricDifference(keysOfFiring(after))].map(
    (key) => JSON.parse(key) as string[],
  );
  const projects = changed.flatMap(([project = '', id = '']) => {
    const name = byId.get(id)?.rule.name ?? '';
    const above = composites.get(project) ?? [];
    return madeOf(
      name,
      above.map(({ rule }) => rule),
    ).length > 0
      ? [project]
      : [];
  });
  return new Set(projects);
};
