import { ruleIdOf } from '../domain/ids.ts';
import { type Rule, RuleSpec, RuleView, ruleView } from '../domain/rules/rule.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as projects from '../store/projects.ts';
import * as rules from '../store/rules.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { assertRule } from './check-rule.ts';
import { type Call, route } from './route.ts';

const make = (spec: RuleSpec, call: Call): Promise<Rule> =>
  untilWritten(async () => {
    const { at, by } = call;
    const { project } = by;
    const rule: Rule = { ...spec, id: ruleIdOf(project, spec.name), project, by: by.id, createdAt: at, version: 1 };
    const seen = await rules.seen(project);
    assertRule(rule, seen.all);
    const told = audited(call, { subject: rule.id, after: ruleView(rule) });
    await table.transact([...rules.inserting(rule, seen), ...projects.whileLive(project), ...told]);
    return rule;
  });

/** POST /v1/rules */
export const createRule = route({
  method: 'POST',
  path: '/v1/rules',
  action: 'create-rule',
  summary: 'Say when an alert is to fire; one of the name of a rule that comes with the plane takes its place',
  access: 'operator',
  body: RuleSpec,
  answers: { 201: RuleView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const rule = before === undefined ? await make(body, call) : await rules.get(call.by.project, before);
    return { status: 201, headers: { location: `/v1/rules/${rule.id}` }, body: ruleView(rule) };
  },
});
