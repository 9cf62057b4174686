import * as z from 'zod';
import { bool, duration, fields, integer, list, mapOf, scalar, text, texts } from './config-fields.ts';
import { type Flapping, NO_FLAPPING } from './flapping.ts';
import { MOST_OF_LIFE } from './history.ts';
import { isLabelName } from './labels.ts';
import { byMatcher, type Matcher, newMatcher, parseMatchers } from './matchers.ts';
import { wholeMatch } from './regex.ts';

/** A node of the routing tree as it is written; what it leaves out is its parent's (route-tree.ts). */
export interface RouteConfig {
  readonly receiver: string;
  /** Empty where it is the parent's; `...` alone for all labels. */
  readonly group_by: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  readonly group_wait?: number | undefined;
  readonly group_interval?: number | undefined;
  readonly repeat_interval?: number | undefined;
  readonly mute_time_intervals: readonly string[];
  readonly active_time_intervals: readonly string[];
  /** Beyond Alertmanager. */
  readonly flapping?: Flapping | undefined;
  readonly routes: readonly RouteConfig[];
}

const areLabels = (values: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
  for (const name of Object.keys(values)) {
    if (isLabelName(name)) continue;
    context.addIssue({ code: 'custom', message: `invalid label name ${JSON.stringify(name)}`, path: [name] });
  }
};

const equals = texts.superRefine(areLabels);

const regex = scalar<string | undefined>(undefined, ({ text }) => {
  wholeMatch(text);
  return text;
}).refine((value) => value !== undefined, 'invalid regexp value');

const regexes = mapOf(regex).superRefine(areLabels);

const lines = list(scalar<Matcher[]>([], ({ text }) => parseMatchers(text))).transform((all) => all.flat());

/** Matchers in their three ways of being written, by the names of their fields. */
const writtenAs = <M extends string, R extends string, N extends string>(match: M, matchRe: R, matchers: N) =>
  ({ [match]: equals, [matchRe]: regexes, [matchers]: lines }) as Record<M, typeof equals> &
    Record<R, typeof regexes> &
    Record<N, typeof lines>;

/** All as one, in order. The old regular expressions are anchored twice over, and so they stand in a route's key. */
const oneOf = (
  match: Readonly<Record<string, string>>,
  matchRe: Readonly<Record<string, string | undefined>>,
  matchers: readonly Matcher[],
): Matcher[] =>
  [
    ...Object.entries(match).map(([name, value]) => newMatcher(name, '=', value)),
    ...Object.entries(matchRe).map(([name, value]) => newMatcher(name, '=~', `^(?:${value})$`)),
    ...matchers,
  ].sort(byMatcher);

const groupBy = list(text).superRefine((names, context) => {
  const others = names.filter((name) => name !== '...');
  const issue = (message: string) => context.addIssue({ code: 'custom', message });
  for (const name of others)
    if (!isLabelName(name)) issue(`invalid label name ${JSON.stringify(name)} in group_by list`);
  if (others.length > 0 && others.length < names.length)
    issue('cannot have wildcard group_by (`...`) and other labels at the same time');
  const twice = others.find((name, index) => others.indexOf(name) !== index);
  if (twice !== undefined) issue(`duplicated label ${JSON.stringify(twice)} in group_by`);
});

const interval = (name: string) => duration.optional().refine((ms) => ms !== 0, `${name} cannot be zero`);

/** Fewer than a beginning, an end and a beginning is no coming and going; of more than are remembered nobody would know. */
const LEAST_CHANGES = 3;

const areCountable = (changes: number): boolean =>
  changes === 0 || (changes >= LEAST_CHANGES && changes <= MOST_OF_LIFE);

const FlappingConfig = fields({
  changes: integer.refine(areCountable, `changes is to be from ${LEAST_CHANGES} to ${MOST_OF_LIFE}, or 0 for never`),
  within: interval('within'),
  calm: interval('calm'),
}).transform(
  ({ changes, within, calm }): Flapping => ({
    changes,
    withinMs: within ?? NO_FLAPPING.withinMs,
    calmMs: calm ?? NO_FLAPPING.calmMs,
  }),
);

/** @see RouteConfig */
export const RouteConfig: z.ZodType<RouteConfig> = fields({
  receiver: text.default(''),
  group_by: groupBy,
  ...writtenAs('match', 'match_re', 'matchers'),
  continue: bool.default(false),
  group_wait: duration.optional(),
  group_interval: interval('group_interval'),
  repeat_interval: interval('repeat_interval'),
  mute_time_intervals: list(text),
  active_time_intervals: list(text),
  flapping: FlappingConfig.optional(),
  routes: list(z.lazy(() => RouteConfig)),
}).transform(({ match, match_re, matchers, ...rest }) => ({ ...rest, matchers: oneOf(match, match_re, matchers) }));

const label = scalar('', ({ text }) => {
  if (!isLabelName(text)) throw new Error(`${JSON.stringify(text)} is not a valid label name`);
  return text;
});

/** A rule by which alerts keep others quiet. */
export const InhibitRule = fields({
  ...writtenAs('source_match', 'source_match_re', 'source_matchers'),
  ...writtenAs('target_match', 'target_match_re', 'target_matchers'),
  equal: list(label),
}).transform((rule) => ({
  source_matchers: oneOf(rule.source_match, rule.source_match_re, rule.source_matchers),
  target_matchers: oneOf(rule.target_match, rule.target_match_re, rule.target_matchers),
  equal: rule.equal,
}));
export type InhibitRule = z.infer<typeof InhibitRule>;
