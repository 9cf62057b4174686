import { RuleView } from '../domain/rules/rule.ts';
import * as rules from '../store/rules.ts';
import { answered } from './change-rule.ts';
import { route } from './route.ts';
import { RulePath } from './rule-path.ts';

/** GET /v1/rules/{id} */
export const getRule = route({
  method: 'GET',
  path: '/v1/rules/{id}',
  action: 'get-rule',
  summary: 'A rule: when it holds, and what its alerts say',
  access: 'viewer',
  params: RulePath,
  answers: { 200: RuleView },
  handler: async ({ params: { id } }, { by }) => answered(await rules.get(by.project, id)),
});
