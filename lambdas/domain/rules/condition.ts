import * as z from 'zod';
import { Duration } from '../alerts/durations.ts';
import { LabelName } from '../alerts/labels.ts';
import { Name } from '../ids.ts';
import { EVENT_NAMES, type EventName } from './events.ts';

/** What of a subject must be so that a rule holds for it: what a person says of it. */

const DAY_MS = 86_400_000;

/** The name of a metric. Whether there is such a one is metric-names.ts. */
const Metric = z
  .string()
  .max(64)
  .regex(/^[a-z]+(?:\.[a-z]+)+$/, 'a metric is named as vm.cpu.utilization');

export const OPERATORS = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

/** Over a window: its mean, least and greatest value, and by how much it changed, in all or a second. */
export const STATS = ['last', 'avg', 'min', 'max', 'change', 'rate'] as const;
export type Stat = (typeof STATS)[number];

/** Whether a value is on that side of a limit. */
export const compares = (op: Operator, value: number, limit: number): boolean => {
  switch (op) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
};

const isUnder = (op: Operator): boolean => op === '<' || op === '<=';

interface Hysteresis {
  readonly op: Operator;
  readonly value: number;
  readonly clear?: number | undefined;
}

/** Between the two limits an alert stays what it is; the other way round it could never stay anything. */
const isClearable = ({ op, value, clear }: Hysteresis): boolean => {
  if (clear === undefined) return true;
  if (op === '==' || op === '!=') return false;
  return isUnder(op) ? clear >= value : clear <= value;
};

const Threshold = z
  .strictObject({
    metric: Metric,
    /** What it is a share of: the value is `metric` divided by `of`. */
    of: Metric.optional(),
    stat: z.enum(STATS).default('last'),
    over: Duration('from 1m to 7d', (ms) => ms >= 60_000 && ms <= 7 * DAY_MS).optional(),
    op: z.enum(OPERATORS),
    value: z.number(),
    /** Once it fires it does so until the value is not even beyond this. */
    clear: z.number().optional(),
  })
  .refine(({ stat, over }) => (stat === 'last') === (over === undefined), {
    error: 'avg, min, max, change and rate take a window, and last takes none',
    path: ['over'],
  })
  .refine(isClearable, { error: 'goes with > >= < <=, and lies on the good side of value', path: ['clear'] });
export type Threshold = z.infer<typeof Threshold>;

const Absence = z.strictObject({
  /** The metric of which no sample comes for as long as `for` says, from what should have some. */
  absent: Metric,
});
export type Absence = z.infer<typeof Absence>;

const Band = z.strictObject({
  metric: Metric,
  /** What is usual at this hour of the week: the median of the weeks before, and so many deviations around it. */
  band: z.strictObject({
    weeks: z.number().int().min(1).max(8),
    width: z.number().positive().max(100),
    side: z.enum(['above', 'below', 'both']).default('both'),
    /** Half the width that the band has at least, in the metric's unit: weeks that were all alike have none of their own. */
    atLeast: z.number().nonnegative().optional(),
  }),
});
export type Band = z.infer<typeof Band>;

const Members = z.array(Name).min(1).max(20);

const Composite = z
  .strictObject({
    all: Members.optional(),
    any: Members.optional(),
    not: Members.optional(),
    /** The labels in which their subjects must agree, as `equal` of Alertmanager; all of the subject's where it is left out. */
    equal: z.array(LabelName.max(128)).min(1).max(10).optional(),
  })
  .refine(
    ({ all, any }) => all !== undefined || any !== undefined,
    'all or any is wanted: of what else does not hold?',
  );
export type Composite = z.infer<typeof Composite>;

const Always = z.strictObject({
  /** It fires as long as the plane looks at its rules: who is told of it knows that the plane lives. */
  always: z.literal(true),
});
export type Always = z.infer<typeof Always>;

const OfEvent = z.strictObject({
  /** The plane itself says when it is so, and the rule what is told of it, and whether. */
  event: z.enum(EVENT_NAMES),
});
export type OfEvent = z.infer<typeof OfEvent>;

const FORMS = [Threshold, Absence, Band, Composite, Always, OfEvent] as const;

/** A place in a condition, and what is wrong there. */
interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const wrongsIn = ({ issues }: z.ZodError): Wrong[] =>
  issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [issue];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'no such field' }));
  });

const COMPOSITE_KEYS = Object.keys(Composite.shape);

/** The form that a condition is meant to be of, by its keys. */
const meant = (value: unknown): (typeof FORMS)[number] => {
  const keys = new Set(Object.keys(value ?? {}));
  if (keys.has('absent')) return Absence;
  if (keys.has('band')) return Band;
  if (keys.has('always')) return Always;
  if (keys.has('event')) return OfEvent;
  return COMPOSITE_KEYS.some((key) => keys.has(key)) ? Composite : Threshold;
};

/** What is wrong by the form that a condition is meant to be of. */
const wrongsOf = (value: unknown): readonly Wrong[] => {
  const { error } = meant(value).safeParse(value);
  return error ? wrongsIn(error) : [];
};

/** A condition is of one of six forms. What is wrong with it is told of the one that is meant: of six nobody would read it. */
export const Condition = z.preprocess((value, context) => {
  const wrongs = wrongsOf(value);
  for (const { path, message } of wrongs) context.addIssue({ code: 'custom', path: [...path], message });
  return wrongs.length === 0 ? value : z.NEVER;
}, z.union(FORMS));
export type Condition = z.infer<typeof Condition>;
/** A condition as people say it. */
export type ConditionSaid = z.input<(typeof FORMS)[number]>;

export const isAlways = (condition: Condition): condition is Always => 'always' in condition;

/** The event of the plane's own that it is about; undefined of one that is about what is measured. */
export const eventIn = (condition: Condition): EventName | undefined =>
  'event' in condition ? condition.event : undefined;

export const isComposite = (condition: Condition): condition is Composite =>
  COMPOSITE_KEYS.some((key) => Object.hasOwn(condition, key));

/** The metrics that it looks at, with the place of each in the condition. */
export const metricsOf = (condition: Condition): readonly (readonly [place: string, metric: string])[] => {
  if ('absent' in condition) return [['absent', condition.absent]];
  if (!('metric' in condition)) return [];
  const { metric } = condition;
  const of = 'of' in condition ? condition.of : undefined;
  return of === undefined
    ? [['metric', metric]]
    : [
        ['metric', metric],
        ['of', of],
      ];
};

/** The rules that it is made of, with the place of each in the condition. */
export const membersOf = (condition: Condition): readonly (readonly [place: string, rule: string])[] =>
  isComposite(condition)
    ? (['all', 'any', 'not'] as const).flatMap((part) =>
        (condition[part] ?? []).map((name, index) => [`${part}/${index}`, name] as const),
      )
    : [];
