import { RuleChange, RuleSpec } from '../../lambdas/domain/rules/rule.ts';
import { depthsOf } from '../../lambdas/domain/rules/rule-graph.ts';
import type { Rule } from '../api.ts';
import { collect, pageAt, type Session } from '../session.ts';
import type { Kind } from './kind.ts';

/** What a rule is made of stands before it, as it must be there before. */
const inOrder = (rules: readonly Rule[]): Rule[] => {
  const depths = depthsOf(rules);
  const depthOf = ({ name }: Rule): number => depths.get(name) ?? 0;
  return rules.toSorted((a, b) => depthOf(a) - depthOf(b) || (a.name < b.name ? -1 : 1));
};

/** Rules, as the API has them. One that is as it came with the plane lies in no file; one of its name takes its place. */
export const rulesOf = (session: Session): Kind => {
  const { client } = session;
  return {
    key: 'rules',
    noun: 'rule',
    spec: RuleSpec,
    change: RuleChange,
    forms: {},
    list: async () => {
      const all = await collect((cursor) => client.call('GET /v1/rules', { query: pageAt(cursor) }));
      return inOrder(all.filter(({ builtIn }) => !builtIn));
    },
    get: async (id) => {
      const { answer, etag } = await client.ask('GET /v1/rules/{id}', { path: { id } });
      return { row: answer, etag };
    },
    create: async (spec) => {
      await client.call('POST /v1/rules', { body: RuleSpec.parse(spec) });
    },
    patch: async (id, change, ifMatch) => {
      const headers = { 'if-match': ifMatch };
      await client.call('PATCH /v1/rules/{id}', { path: { id }, body: RuleChange.parse(change), headers });
    },
    remove: async (id, ifMatch) => {
      await client.call('DELETE /v1/rules/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
    },
  };
};
