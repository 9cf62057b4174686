import * as z from 'zod';
import { Duration, parseDuration } from '../alerts/durations.ts';
import { LabelName } from '../alerts/labels.ts';
import { MatcherText, parseMatcher } from '../alerts/matchers.ts';
import { Instant, Name, RuleId } from '../ids.ts';
import { kindOf, METRIC_NAMES, type MetricName, type SubjectKind } from '../metrics/catalog.ts';
import { SUBJECT_LABELS } from '../metrics/labels.ts';
import { isPlain, PlainOrEmptyText, PlainText } from '../plain-text.ts';
import { ProjectId } from '../project.ts';
import { isTemplate } from './annotations.ts';
import { Condition, eventIn, isAlways, metricsOf } from './condition.ts';
import { isOfInstallation as isEventOfInstallation } from './events.ts';

/** What a rule is, and what of it stands in its row. When it holds is evaluate.ts. */

/** Labels that tell subjects from each other: a rule's own of such a name would make one alert of many. */
const isSubjectLabel = (name: string): boolean =>
  SUBJECT_LABELS.some((each) => each === name) || name.startsWith('tag_');

const known = `${SUBJECT_LABELS.join(', ')} and tag_<key>`;

/** Matchers of labels that no series has, with their places; what alerts of events have is event-fields.ts. */
const strange = ({ when, matchers }: Pick<RuleSpec, 'when' | 'matchers'>): readonly (readonly [number, string])[] =>
  eventIn(when) !== undefined
    ? []
    : matchers.flatMap((text, index) => {
        const { name } = parseMatcher(text);
        return isSubjectLabel(name) ? [] : [[index, `no series has a label ${name}; there are ${known}`] as const];
      });

const RuleLabels = z
  .record(
    LabelName.max(128).refine((name) => !isSubjectLabel(name), `a rule cannot say what a subject is: ${known}`),
    PlainOrEmptyText(256),
  )
  .refine((labels) => Object.keys(labels).length <= 20, 'at most 20 labels')
  .meta({ maxProperties: 20 });

const Annotation = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => isPlain(text.replaceAll('\n', '')), 'no control characters but new lines')
  .refine(isTemplate, 'takes {{ $value }} and {{ $labels.<name> }}, and no other {{ }}');

const Annotations = z.strictObject({
  summary: Annotation.optional(),
  description: Annotation.optional(),
  runbook_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .regex(/^[^{}]*$/, 'no braces')
    .optional(),
});

const LONGEST_FOR_MS = 7 * 86_400_000;
const Wait = Duration('of at most 7d', (ms) => ms <= LONGEST_FOR_MS);

/** CloudWatch's datapointsToAlarm and evaluationPeriods. */
const Datapoints = z
  .strictObject({ breaching: z.number().int().min(1).max(30), of: z.number().int().min(1).max(30) })
  .refine(({ breaching, of }) => breaching <= of, { error: 'not more of them than there are', path: ['breaching'] });

const FIELDS = {
  description: PlainText(500),
  enabled: z.boolean(),
  when: Condition,
  for: Wait,
  keepFiringFor: Wait,
  datapoints: Datapoints,
  matchers: z.array(MatcherText()).max(20),
  labels: RuleLabels,
  annotations: Annotations,
};

interface Timed {
  readonly when: Condition;
  readonly for: string;
  readonly datapoints?: unknown;
}

/** What no sample comes for, one must have waited for. */
const waits = ({ when, for: wait }: Timed): boolean => !('absent' in when) || parseDuration(wait) > 0;

/** Of what is counted in samples. */
const isSampled = ({ when, datapoints }: Timed): boolean => datapoints === undefined || 'metric' in when;

/** What is always so is about no VM and no host. */
const isMatchable = ({ when, matchers }: { readonly when: Condition; readonly matchers: readonly string[] }): boolean =>
  matchers.length === 0 || !isAlways(when);

/** What a person says of a rule. */
export const RuleSpec = z
  .strictObject({
    name: Name,
    description: FIELDS.description.optional(),
    enabled: FIELDS.enabled.default(true),
    when: FIELDS.when,
    for: FIELDS.for.default('0s'),
    keepFiringFor: FIELDS.keepFiringFor.optional(),
    datapoints: FIELDS.datapoints.optional(),
    matchers: FIELDS.matchers.default([]),
    labels: FIELDS.labels.default({}),
    annotations: FIELDS.annotations.default({}),
  })
  .refine(waits, { error: 'how long no sample must have come: 5m', path: ['for'] })
  .refine(isSampled, { error: 'goes with a metric', path: ['datapoints'] })
  .refine(isMatchable, { error: 'goes with what VMs or hosts measure', path: ['matchers'] })
  .superRefine((rule, context) => {
    for (const [index, message] of strange(rule)) {
      context.addIssue({ code: 'custom', message, path: ['matchers', index] });
    }
  });
export type RuleSpec = z.infer<typeof RuleSpec>;

/** Fields of a rule that are to be others; its name is what composites know it by, and stays. Null takes away what may be absent. */
export const RuleChange = z
  .strictObject({
    ...FIELDS,
    description: FIELDS.description.nullable(),
    keepFiringFor: FIELDS.keepFiringFor.nullable(),
    datapoints: FIELDS.datapoints.nullable(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type RuleChange = z.infer<typeof RuleChange>;

/** The row of a rule. One that is built in has version 0 until somebody changes it. */
export interface Rule extends RuleSpec {
  readonly id: string;
  readonly project: string;
  readonly by: string;
  readonly createdAt: string;
  readonly version: number;
}

/** A rule as the API shows it. */
export const RuleView = z
  .strictObject({
    ...RuleSpec.shape,
    id: RuleId,
    project: ProjectId,
    /** What it is about; absent of one that is made of others, always so, or of an event. */
    on: z.enum(['vm', 'host']).optional(),
    /** It is as it came with the plane; changed or turned off it is the project's own, until that is deleted. */
    builtIn: z.boolean(),
    by: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'Rule' });
export type RuleView = z.infer<typeof RuleView>;

/** Whether a rule is as it came with the plane: it has no row. */
export const isBuiltIn = ({ version }: Pick<Rule, 'version'>): boolean => version === 0;

/** @see RuleView */
export const ruleView = ({ version, ...rule }: Rule): RuleView => {
  const on = subjectOf(rule);
  return { ...rule, ...(on && { on }), builtIn: isBuiltIn({ version }) };
};

/** Its faults are named as those of a request. */
const Whole = z.object({ body: RuleSpec });

/** The rule once this is changed. @throws ZodError, as for a new one, where its fields do not go together any more */
export const changedRule = (before: Rule, change: RuleChange): Rule => {
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const { id, project, by, createdAt, version, ...spec } = before;
  const kept = Object.entries({ ...spec, ...Object.fromEntries(said) }).filter(([, value]) => value !== null);
  return { ...Whole.parse({ body: Object.fromEntries(kept) }).body, id, project, by, createdAt, version };
};

const isMetric = (name: string): name is MetricName => (METRIC_NAMES as readonly string[]).includes(name);

/** What a rule is about: VMs or hosts; undefined of one that is made of others. */
export const subjectOf = ({ when }: Pick<Rule, 'when'>): SubjectKind | undefined => {
  const metric = metricsOf(when)[0]?.[1];
  return metric !== undefined && isMetric(metric) ? kindOf(metric) : undefined;
};

/** Whether a rule is about what is the installation's own, and so of the project `default` alone. */
export const isOfInstallation = (rule: Pick<Rule, 'when'>): boolean => {
  const event = eventIn(rule.when);
  return subjectOf(rule) === 'host' || (event !== undefined && isEventOfInstallation(event));
};

/** What its alerts are called, unless a label says so: `vm-cpu-saturated` is VmCpuSaturated. */
export const alertNameOf = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
