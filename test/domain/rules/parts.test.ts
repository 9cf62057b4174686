import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import { NO_STATE, type RulesState } from '../../../lambdas/domain/rules/evaluate.ts';
import { projectsWithPartsChanged } from '../../../lambdas/domain/rules/parts.ts';
import { aRule } from '../../support/rules.ts';

const hot = { metric: 'vm.cpu.utilization', op: '>', value: 0.9 } as const;
const shop = { project: 'shop' };
const A = aRule({ name: 'a', when: hot });
const B = aRule({ name: 'b', when: hot });
const S = { ...aRule({ name: 's', when: hot }, shop), id: 'rul-s' };
const rules = compileRules([
  A,
  B,
  S,
  aRule({ name: 'all', when: { all: ['a'] } }),
  aRule({ name: 'none', when: { any: ['s'], not: ['s'] } }, shop),
]);

const firing = (rule: string, project = 'default', vm = 'web-1', fired: number | undefined = 1): RulesState => ({
  subjects: { vm: { project, at: 1, rules: { [rule]: { version: 1, since: 1, fired, labels: { vm } } } } },
});

describe('which projects have rules that are made of what changed', () => {
  it.each<[string, RulesState, RulesState, string[]]>([
    ['a part begins to fire', NO_STATE, firing(A.id), ['default']],
    ['a part ceases to', firing(A.id), NO_STATE, ['default']],
    ['a part fires for another', firing(A.id), firing(A.id, 'default', 'web-2'), ['default']],
    ['a part of another project begins to', NO_STATE, firing(S.id, 'shop'), ['shop']],
    ['a part goes on firing', firing(A.id), firing(A.id), []],
    [
      'a part pends',
      NO_STATE,
      { subjects: { vm: { project: 'default', at: 1, rules: { [A.id]: { version: 1, since: 1 } } } } },
      [],
    ],
    ['a rule fires of which none is made', NO_STATE, firing(B.id), []],
    ['a rule that is no more ceases to', firing('rul-gone'), NO_STATE, []],
    ['one fires in a project that has no rules', NO_STATE, firing(A.id, 'other'), []],
  ])('%s', (_, before, after, projects) => {
    expect([...projectsWithPartsChanged(rules, before, after)]).toEqual(projects);
  });
});
