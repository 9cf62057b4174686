import type { NewRule, Rule, RuleChange } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { conditionText } from '../condition-text.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems } from '../output.ts';
import { findAll, findRule } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { sheet } from '../table.ts';
import { ruleView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

const stateText = ({ enabled, builtIn }: Rule): string =>
  `${enabled ? 'on' : 'off'}${builtIn ? ', as it came with the plane' : ''}`;

const entries = (of: Readonly<Record<string, string | undefined>>): string | undefined =>
  Object.entries(of)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ') || undefined;

const sheetOf = (rule: Rule, session: Session): string => {
  const { datapoints } = rule;
  return sheet(
    [
      ['Name', rule.name],
      ['Id', rule.id],
      ['State', stateText(rule)],
      ['Fires at', conditionText(rule.when)],
      ['For', rule.for],
      ['Samples', datapoints && `${datapoints.breaching} of ${datapoints.of}`],
      ['Fires on', rule.keepFiringFor],
      ['About', rule.matchers.join(', ') || undefined],
      ['Labels', entries(rule.labels)],
      ['Says', rule.annotations.summary],
      ['What to do', rule.annotations.runbook_url],
      ['Purpose', rule.description],
    ],
    (text) => session.paint('bold', text),
  );
};

const print = (session: Session, rules: readonly Rule[]): Promise<void> =>
  printItems(session, ruleView(), rules, (rule) => sheetOf(rule, session));

/** `rule list` */
export const listRules: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, ruleView(), (query) => session.client.call('GET /v1/rules', { query }));

/** `rule get` */
export const getRules: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findRule(session, word)));
  return undefined;
};

interface Fields extends CommonOptions {
  readonly metric?: string;
  readonly shareOf?: string;
  readonly stat?: 'last' | 'avg' | 'min' | 'max' | 'change' | 'rate';
  readonly over?: string;
  readonly above?: number;
  readonly atLeast?: number;
  readonly below?: number;
  readonly atMost?: number;
  readonly equals?: number;
  readonly differs?: number;
  readonly clear?: number;
  readonly absent?: string;
  readonly event?: Extract<When, { event: string }>['event'];
  readonly unusual?: number;
  readonly weeks?: number;
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  readonly none?: readonly string[];
  readonly equal?: readonly string[];
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly datapoints?: { readonly breaching: number; readonly of: number };
  readonly matcher?: readonly string[];
  readonly matchers?: false;
  readonly label?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly runbook?: string;
  readonly description?: string;
  readonly enable?: true;
  readonly disable?: true;
}

type When = NewRule['when'];

/** Without what was not said. */
const said = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  // What is left has no value that is undefined.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const LIMITS = [
  ['above', '>'],
  ['atLeast', '>='],
  ['below', '<'],
  ['atMost', '<='],
  ['equals', '=='],
  ['differs', '!='],
] as const;

const WEEKS = 4;

const metricWhen = (fields: Fields & { readonly metric: string }): When => {
  const { metric, shareOf: of, stat, over, clear, unusual: width, weeks = WEEKS } = fields;
  if (width !== undefined) return { metric, band: { weeks, width } };
  const limits = LIMITS.flatMap(([flag, op]) => (fields[flag] === undefined ? [] : [{ op, value: fields[flag] }]));
  const [limit] = limits;
  if (limit === undefined || limits.length > 1) {
    throw new UsageError('Say one limit, such as --above 0.9, or --unusual 3.');
  }
  return { metric, ...limit, ...said({ of, stat, over, clear }) };
};

/** The condition that the options say; undefined where they say none. @throws UsageError where they say half of one, or two */
const whenOf = (fields: Fields): When | undefined => {
  const { metric, absent, event, all, any, none: not, equal } = fields;
  const forms = [metric, absent, event, all ?? any].filter((each) => each !== undefined);
  if (forms.length > 1) throw new UsageError('Say one of --metric, --absent, --event, and --all or --any.');
  if (absent !== undefined) return { absent };
  if (event !== undefined) return { event };
  // The API's lists may be written to.
  if (all ?? any)
    return said({ all: all && [...all], any: any && [...any], not: not && [...not], equal: equal && [...equal] });
  if (metric !== undefined) return metricWhen({ ...fields, metric });
  const isHalf = LIMITS.some(([flag]) => fields[flag] !== undefined) || (fields.stat ?? fields.over ?? fields.clear);
  if (isHalf) throw new UsageError('Say of what: --metric vm.cpu.utilization.');
  return undefined;
};

const enabledOf = ({ enable, disable }: Fields): boolean | undefined => {
  if (enable && disable) throw new UsageError('Say --enable or --disable.');
  return enable ?? (disable && false);
};

const changeOf = (fields: Fields, before: Pick<Rule, 'labels' | 'annotations'>): RuleChange => {
  const { keepFiringFor, datapoints, matcher, matchers, label, summary, runbook: runbook_url, description } = fields;
  const annotations = said({ summary, runbook_url });
  return said({
    when: whenOf(fields),
    for: fields.for,
    keepFiringFor,
    datapoints,
    matchers: matchers === false ? [] : matcher && [...matcher],
    labels: label && { ...before.labels, ...label },
    annotations: Object.keys(annotations).length === 0 ? undefined : { ...before.annotations, ...annotations },
    description,
    enabled: enabledOf(fields),
  }) as RuleChange;
};

/** `rule create` */
export const createRule: Verb<Fields> = async (session, [name = ''], fields) => {
  const { when, ...more } = changeOf(fields, { labels: {}, annotations: {} });
  if (when === undefined) throw new UsageError('Say when it fires, such as --metric vm.cpu.utilization --above 0.9.');
  const body = { name, when, ...more } as NewRule;
  await print(session, [await session.client.call('POST /v1/rules', { body })]);
  return undefined;
};

/** `rule update` */
export const updateRule: Verb<Fields> = async (session, [word = ''], fields) => {
  const rule = await findRule(session, word);
  const body = changeOf(fields, rule);
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change, such as --for or --disable.');
  await print(session, [await session.client.call('PATCH /v1/rules/{id}', { path: { id: rule.id }, body })]);
  return undefined;
};

/** `rule delete` */
export const deleteRules: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const found = await findAll(words, (word) => findRule(session, word));
  const names = found.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the rule${found.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of found) {
    await session.client.call('DELETE /v1/rules/{id}', { path: { id } });
    session.note(`${name} is deleted.`);
  }
  return undefined;
};
