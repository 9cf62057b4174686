import { etagOf } from '../domain/asked.ts';
import { type Rule, ruleView } from '../domain/rules/rule.ts';
import type { Reply } from './route.ts';

/** 200 with the rule as it is now. */
export const answered = (rule: Rule): Reply => ({
  status: 200,
  headers: { etag: etagOf(rule) },
  body: ruleView(rule),
});
