import { pageOf } from '../domain/page.ts';
import { isBuiltIn, type Rule, RuleView, ruleView, subjectOf } from '../domain/rules/rule.ts';
import * as rules from '../store/rules.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: Rule) => id,
    name: ({ name }: Rule) => name,
    by: ({ by }: Rule) => by,
    on: (rule: Rule) => subjectOf(rule),
    enabled: ({ enabled }: Rule) => String(enabled),
    builtIn: (rule: Rule) => String(isBuiltIn(rule)),
  },
};

const LIST = {
  name: 'rules',
  fields: FIELDS,
  read: rules.page,
  position: (rule: Rule) => table.positionOf(rules.entity, rule),
  view: ruleView,
};

/** GET /v1/rules */
export const listRules = route({
  method: 'GET',
  path: '/v1/rules',
  action: 'list-rules',
  summary: 'List the rules of the project, those that come with the plane among them',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(RuleView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
