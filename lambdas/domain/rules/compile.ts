import { parseDuration } from '../alerts/durations.ts';
import { type LabelSet, withoutEmpty } from '../alerts/labels.ts';
import { type Matcher, matchesAll, parseMatcher } from '../alerts/matchers.ts';
import type { MetricName, SubjectKind, Values } from '../metrics/catalog.ts';
import { type Always, type Band, type Composite, isAlways, isComposite, type Threshold } from './condition.ts';
import { alertNameOf, type Rule, subjectOf } from './rule.ts';
import { depthsOf } from './rule-graph.ts';

/** Rules made ready: durations reckoned, matchers and their patterns compiled, once for all series. */

/** What all kinds of rules have. */
export interface Compiled {
  readonly rule: Rule;
  readonly forMs: number;
  readonly keepMs: number;
  readonly matchers: readonly Matcher[];
  /** What the rule adds to the labels of its subjects. */
  readonly labels: LabelSet;
}

/** One that looks at samples as they come. */
export interface Sampled extends Compiled {
  readonly when: Threshold | Band;
  readonly valueOf: (values: Values) => number | undefined;
  readonly overMs: number;
}

/** One that waits for samples which do not come. */
export interface Waiting extends Compiled {
  readonly metric: MetricName;
}

/** One that is about no source by itself: it is made of others, or always so. */
export interface Joined extends Compiled {
  readonly when: Composite | Always;
}

/** One that is looked at by its subject. */
export type Ready = Sampled | Waiting;

export interface CompiledRules {
  /** Those that go by samples or their absence, by id of the rule. */
  readonly byId: ReadonlyMap<string, Ready>;
  /** By project and kind. */
  readonly about: (project: string, kind: SubjectKind) => readonly Ready[];
  /** By project, those that are always so among them; what a composite is made of comes before it. */
  readonly composites: ReadonlyMap<string, readonly Joined[]>;
}

const base = (rule: Rule): Compiled => ({
  rule,
  forMs: parseDuration(rule.for),
  keepMs: parseDuration(rule.keepFiringFor ?? '0'),
  matchers: rule.matchers.map(parseMatcher),
  labels: withoutEmpty({ alertname: alertNameOf(rule.name), ...rule.labels }),
});

/** A share of nothing is no value. */
const ratio = (values: Values, metric: MetricName, of: MetricName): number | undefined => {
  const [part, whole] = [values[metric], values[of]];
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
};

// Metrics of rows were checked as they were written; of one that is no more no value comes.
const reading = (when: Threshold | Band): Sampled['valueOf'] => {
  const metric = when.metric as MetricName;
  const of = 'of' in when ? (when.of as MetricName | undefined) : undefined;
  return of === undefined ? (values) => values[metric] : (values) => ratio(values, metric, of);
};

const readyOf = (rule: Rule): Ready[] => {
  const { when } = rule;
  if ('absent' in when) return [{ ...base(rule), metric: when.absent as MetricName }];
  if (!('metric' in when)) return [];
  const over = 'over' in when ? when.over : undefined;
  return [{ ...base(rule), when, valueOf: reading(when), overMs: parseDuration(over ?? '0') }];
};

const joinedOf = (rules: readonly Rule[]): Joined[] => {
  const depths = depthsOf(rules);
  const depthOf = ({ rule: { name } }: Joined): number => depths.get(name) ?? 0;
  return rules
    .flatMap((rule) => {
      const { when } = rule;
      return isComposite(when) || isAlways(when) ? [{ ...base(rule), when }] : [];
    })
    .toSorted((a, b) => depthOf(a) - depthOf(b));
};

/** Makes rules ready, of whatever projects; those that are turned off count for nothing. */
export const compileRules = (all: readonly Rule[]): CompiledRules => {
  const enabled = all.filter((rule) => rule.enabled);
  const ready = enabled.flatMap(readyOf);
  const about = Map.groupBy(ready, ({ rule }) => `${subjectOf(rule)} ${rule.project}`);
  const projects = Map.groupBy(enabled, ({ project }) => project);
  return {
    byId: new Map(ready.map((each) => [each.rule.id, each])),
    about: (project, kind) => about.get(`${kind} ${project}`) ?? [],
    composites: new Map([...projects].map(([project, rules]) => [project, joinedOf(rules)])),
  };
};

/** Whether a rule is about a subject with these labels. */
export const isAbout = ({ matchers }: Compiled, labels: LabelSet): boolean => matchesAll(matchers, labels);
