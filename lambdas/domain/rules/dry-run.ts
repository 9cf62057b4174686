import * as z from 'zod';
import { LabelName, withoutEmpty } from '../alerts/labels.ts';
import { Fault } from '../faults.ts';
import { Instant } from '../ids.ts';
import type { Values } from '../metrics/catalog.ts';
import type { Subject } from '../metrics/labels.ts';
import { PlainOrEmptyText } from '../plain-text.ts';
import { compileRules } from './compile.ts';
import { metricsOf } from './condition.ts';
import { evaluate, evaluateAbsence, NO_STATE } from './evaluate.ts';
import type { RuleAlert } from './life.ts';
import { type Rule, RuleSpec, subjectOf } from './rule.ts';

/** What a rule would have done: the rules' own evaluation over samples that somebody gives. */

const LONGEST_MS = 86_400_000;
const MOST_SAMPLES = 2000;

const Sample = z.strictObject({ at: Instant, values: z.record(z.string().max(64), z.number()) });

export const DryRun = z
  .strictObject({
    rule: RuleSpec,
    /** Of the VM or host. */
    labels: z.record(LabelName.max(128), PlainOrEmptyText(256)).default({}),
    /** Oldest first, of a day at most. */
    samples: z.array(Sample).min(1).max(MOST_SAMPLES),
    /** How long time goes on after the last of them. */
    until: Instant.optional(),
    /** For a rule with a band: what is usual, at whatever hour. */
    usual: z.strictObject({ median: z.number(), mad: z.number().nonnegative() }).optional(),
  })
  .refine(({ rule: { when } }) => metricsOf(when).length > 0, {
    error: 'a rule that is made of others, always so, or of an event has no samples of its own',
    path: ['rule', 'when'],
  });
export type DryRun = z.infer<typeof DryRun>;

export const DryRunResult = z
  .strictObject({
    /** What became of the alert, in order; none where it never so much as pended. */
    changes: z.array(
      z.strictObject({ at: Instant, state: z.enum(['pending', 'firing', 'resolved']), value: z.number().optional() }),
    ),
    /** The alert as it was sent first. */
    alert: z
      .strictObject({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()) })
      .optional(),
  })
  .meta({ id: 'RuleTest' });
export type DryRunResult = z.infer<typeof DryRunResult>;
type Change = DryRunResult['changes'][number];

/** Between samples time goes by so. */
const TICK_MS = 15_000;

const instant = (at: number): string => new Date(at).toISOString();

/** The moments at which is looked: each sample's, and each tick of those that have none. @throws InvalidRequest where it is more than a day */
const moments = ({ samples, until }: DryRun): ReadonlyMap<number, Values | undefined> => {
  // Names that nobody measures are passed over, as in what hosts report.
  const given = new Map(samples.map(({ at, values }) => [Date.parse(at), values as Values]));
  const [first, last] = [Math.min(...given.keys()), Math.max(...given.keys(), until ? Date.parse(until) : 0)];
  if (last - first > LONGEST_MS) {
    const errors = [{ pointer: '/samples', detail: 'of more than a day' }];
    throw new Fault('InvalidRequest', 'The samples are of more than a day.', { errors });
  }
  const ticks = Array.from({ length: Math.floor((last - first) / TICK_MS) + 1 }, (_, tick) => first + tick * TICK_MS);
  const all = [...new Set([...given.keys(), ...ticks, last])].sort((a, b) => a - b);
  return new Map(all.map((at) => [at, given.get(at)]));
};

/** Tells what a rule would have done over these samples. @throws InvalidRequest */
export const dryRun = (project: string, asked: DryRun): DryRunResult => {
  const { rule: spec, usual } = asked;
  const rule: Rule = { ...spec, enabled: true, id: 'test', project, by: '', createdAt: '', version: 1 };
  const rules = compileRules([rule]);
  const labels = withoutEmpty(asked.labels);
  const subject: Subject = { kind: subjectOf(rule) ?? 'vm', id: 'test', project, labels };
  const changes: Change[] = [];
  let [state, was, sent]: [typeof NO_STATE, Change['state'], RuleAlert | undefined] = [NO_STATE, 'resolved', undefined];
  const all = moments(asked);
  const since = Math.min(...all.keys());
  for (const [now, values] of all) {
    const context = { now, baseline: () => usual };
    const expected = [{ subject, since }];
    const look = values
      ? evaluate(rules, [{ subject, samples: [{ at: now, values }] }], state, context)
      : evaluateAbsence(rules, expected, state, context);
    state = look.state;
    sent ??= look.alerts[0];
    const entry = state.subjects.test?.rules.test;
    const is = entry?.fired !== undefined ? 'firing' : entry?.since !== undefined ? 'pending' : 'resolved';
    if (is !== was) {
      changes.push({ at: instant(now), state: is, ...(entry?.value === undefined ? {} : { value: entry.value }) });
    }
    was = is;
  }
  const alert = sent && { labels: { ...sent.labels }, annotations: { ...sent.annotations } };
  return { changes, ...(alert && { alert }) };
};
