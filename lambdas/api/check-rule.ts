import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { eventIn } from '../domain/rules/condition.ts';
import { assertEventFields } from '../domain/rules/event-fields.ts';
import { assertMetrics } from '../domain/rules/metric-names.ts';
import { isOfInstallation, type Rule } from '../domain/rules/rule.ts';
import { assertMadeOf } from '../domain/rules/rule-graph.ts';

/** All are looked at with each sample that comes, or where one of the plane's own alerts is; the one that each event has comes on top. */
const MOST_RULES = 100;

const assertRoom = ({ name }: Rule, all: readonly Rule[]): void => {
  if (all.some((rule) => rule.name === name)) return;
  if (all.filter((rule) => eventIn(rule.when) !== rule.name).length < MOST_RULES) return;
  throw new Fault('QuotaExceeded', `A project has at most ${MOST_RULES} rules.`);
};

const assertOwn = (rule: Rule): void => {
  if (rule.project === DEFAULT_PROJECT || !isOfInstallation(rule)) return;
  const detail = `hosts and audits belong to the installation, and rules about them to the project ${DEFAULT_PROJECT}`;
  throw new Fault('InvalidRequest', `${rule.name}: ${detail}.`, { errors: [{ pointer: '/when', detail }] });
};

/**
 * What no schema can say of a rule among all of its project: that what it looks at is measured, that the rules which it is made
 * of are there, and that it is not made of itself. @throws MetricUnknown, RuleCyclic, QuotaExceeded, InvalidRequest naming the place
 */
export const assertRule = (rule: Rule, all: readonly Rule[]): void => {
  assertEventFields(rule, all);
  assertMetrics(rule);
  assertOwn(rule);
  assertMadeOf(rule, all);
  assertRoom(rule, all);
};
