import { assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { builtInRules } from '../domain/rules/built-in.ts';
import { isBuiltIn, type Rule, ruleView } from '../domain/rules/rule.ts';
import { madeOf } from '../domain/rules/rule-graph.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as rules from '../store/rules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { route } from './route.ts';
import { RulePath } from './rule-path.ts';

/** What is built in is there again in its place. */
const assertUnused = ({ project, name }: Rule, all: readonly Rule[]): void => {
  const users = madeOf(name, all);
  if (users.length === 0 || builtInRules(project).some((rule) => rule.name === name)) return;
  throw new Fault('RuleInUse', `${name} is a part of ${users.join(', ')}.`);
};

/** DELETE /v1/rules/{id} */
export const deleteRule = route({
  method: 'DELETE',
  path: '/v1/rules/{id}',
  action: 'delete-rule',
  summary: 'Forget a rule that no other is made of; one that comes with the plane is as it came again',
  access: 'operator',
  params: RulePath,
  answers: { 204: null },
  handler: ({ params: { id } }, call) =>
    untilWritten(async () => {
      const { project } = call.by;
      const seen = await rules.seen(project);
      const rule = rules.among(seen, id);
      assertUnchanged(rule, call);
      if (isBuiltIn(rule)) throw new Fault('RuleBuiltIn', `${rule.name} comes with the plane: turn it off instead.`);
      assertUnused(rule, seen.all);
      const told = audited(call, { subject: id, before: ruleView(rule) });
      await table.transact([...rules.removing(rule, seen), ...told]);
      return { status: 204 };
    }),
});
