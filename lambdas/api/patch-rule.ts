import { assertUnchanged } from '../domain/asked.ts';
import { changedRule, isBuiltIn, type Rule, RuleChange, RuleView, ruleView } from '../domain/rules/rule.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as projects from '../store/projects.ts';
import * as rules from '../store/rules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { answered } from './change-rule.ts';
import { assertRule } from './check-rule.ts';
import { type Call, route } from './route.ts';
import { RulePath } from './rule-path.ts';

/** One that comes with the plane is the project's own from its first change on. */
const next = (before: Rule, change: RuleChange, { by, at }: Call): Rule => {
  const after = table.next(changedRule(before, change));
  return isBuiltIn(before) ? { ...after, by: by.id, createdAt: at } : after;
};

/** PATCH /v1/rules/{id} */
export const patchRule = route({
  method: 'PATCH',
  path: '/v1/rules/{id}',
  action: 'patch-rule',
  summary: 'Change a rule, or turn it off; its alerts of before are over',
  access: 'operator',
  params: RulePath,
  body: RuleChange,
  answers: { 200: RuleView },
  handler: ({ params: { id }, body }, call) =>
    untilWritten(async () => {
      const { project } = call.by;
      const seen = await rules.seen(project);
      const before = rules.among(seen, id);
      // This very request has done it before.
      if (call.earlier?.subject === id) return answered(before);
      assertUnchanged(before, call);
      const after = next(before, body, call);
      assertRule(after, seen.all);
      const told = audited(call, { subject: id, before: ruleView(before), after: ruleView(after) });
      await table.transact([...rules.changing(after, seen), ...projects.whileLive(project), ...told]);
      return answered(after);
    }),
});
