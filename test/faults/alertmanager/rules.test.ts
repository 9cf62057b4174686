import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import { evaluate, evaluateAbsence, NO_STATE, type RulesState } from '../../../lambdas/domain/rules/evaluate.ts';
import { alertNameOf, type Rule } from '../../../lambdas/domain/rules/rule.ts';
import { type PromSample, promtoolSeries } from '../../support/alertmanager.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { aRule, aSubject } from '../../support/rules.ts';

/**
 * Rules pend, fire and are over as those of Debian's Prometheus 2.42: each of some hundred has a series of its own, with gaps, and
 * is looked at as each sample comes, and where none does by time alone.
 */
const STEP_SECONDS = 15;
const STEPS = 80;
/** Both begin at a moment that no window divides, a week of weeks after 1970. */
const BEGIN_MS = 49 * 7 * 86_400_000;

const OPS = ['>', '>=', '<', '<=', '==', '!='] as const;
const someWait = fc.constantFrom('0s', '15s', '20s', '30s', '1m', '2m', '5m');
const someOp = fc.constantFrom(...OPS);
/** A series is known from the first moment. */
const FIRST = 3;
const someValue = fc.integer({ min: 0, max: 6 });

const run = (value: fc.Arbitrary<number | null>, min: number, max: number) => fc.tuple(value, fc.integer({ min, max }));

/** Values come in runs, lest nothing ever fires; a gap is a run of none. */
const runs = (longestGap: number): fc.Arbitrary<(number | null)[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: run(fc.option(someValue, { freq: 6 }), 1, 4) },
        { weight: 2, arbitrary: run(someValue, 5, 20) },
        { weight: 1, arbitrary: run(fc.constant(null), 5, longestGap) },
      ),
      { minLength: 10, maxLength: 40 },
    )
    .map((parts) => [FIRST, ...parts.flatMap(([value, count]) => Array.from({ length: count }, () => value))])
    .map((values) => Array.from({ length: STEPS }, (_, step) => values[step % values.length] ?? null));

type When = Rule['when'];
/** A rule of ours, and the same as Prometheus writes it of the series `m`. */
interface Pair {
  readonly when: When;
  readonly expr: (m: string, alert: string) => string;
  readonly datapoints?: { readonly breaching: number; readonly of: number };
}

const METRIC = 'vm.cpu.utilization';
const plain = fc.record({ op: someOp, value: someValue }).map(
  ({ op, value }): Pair => ({
    when: { metric: METRIC, stat: 'last', op, value },
    expr: (m) => `${m} ${op} ${value}`,
  }),
);

/** Prometheus takes the left edge of a window in, and we leave it out, as Prometheus 3 does. */
const insideOf = (seconds: number): string => `${seconds * 1000 - 1}ms`;

const windowed = fc
  .record({
    stat: fc.constantFrom('avg', 'min', 'max'),
    minutes: fc.constantFrom(1, 2, 5),
    op: fc.constantFrom('>', '<'),
    value: someValue,
  })
  .map(({ stat, minutes, op, value }): Pair => {
    // No mean of whole numbers is there.
    const limit = value + 0.013;
    // Ours waits until samples have come for the whole of a window.
    const whole = `on() (vector(time()) >= ${minutes * 57})`;
    return {
      when: { metric: METRIC, stat, over: `${minutes}m`, op, value: limit },
      expr: (m) => `(${stat}_over_time(${m}[${insideOf(minutes * 60)}]) ${op} ${limit}) and ${m} and ${whole}`,
    };
  });

const changing = fc
  .record({
    stat: fc.constantFrom('change', 'rate'),
    minutes: fc.constantFrom(1, 2, 5),
    op: someOp,
    value: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ stat, minutes, op, value }): Pair => {
    const scale = stat === 'rate' ? minutes * 60 : 1;
    const limit = (value + 0.013) / scale;
    return {
      when: { metric: METRIC, stat, over: `${minutes}m`, op, value: limit },
      expr: (m) => `((${m} - ${m} offset ${minutes}m) / ${scale}) ${op} ${limit}`,
    };
  });

const hysteretic = fc.record({ value: fc.integer({ min: 3, max: 5 }), clear: fc.integer({ min: 0, max: 3 }) }).map(
  ({ value, clear }): Pair => ({
    when: { metric: METRIC, stat: 'last', op: '>', value, clear },
    expr: (m, alert) =>
      `${m} > ${value} or (${m} > ${clear} and on(id) ALERTS{alertname="${alert}",alertstate="firing"})`,
  }),
);

const counted = fc
  .record({ of: fc.integer({ min: 1, max: 10 }), breaching: fc.integer({ min: 1, max: 10 }), value: someValue })
  .map(({ of, breaching, value }): Pair => {
    const most = Math.min(of, breaching);
    return {
      when: { metric: METRIC, stat: 'last', op: '>', value },
      datapoints: { breaching: most, of },
      expr: (m) => `sum_over_time((${m} > bool ${value})[${insideOf(of * STEP_SECONDS)}:${STEP_SECONDS}s]) >= ${most}`,
    };
  });

/** With no gap of five minutes: after one, ours waits for the whole of a window again. */
const withoutEnds = (values: readonly (number | null)[]): (number | null)[] =>
  values.map((value, step) => value ?? (step % 18 === 0 ? FIRST : null));

/** By how long gaps may be: Prometheus knows no gap that ends a window, and counts what holds over one. */
const someCase = fc.oneof(
  fc.tuple(fc.oneof(plain, hysteretic), runs(30)),
  fc.tuple(fc.oneof(windowed, changing), runs(12).map(withoutEnds)),
  fc.tuple(
    counted,
    runs(5).map((values): (number | null)[] => values.map((value) => value ?? 0)),
  ),
);

/** What stands in ALERTS and ALERTS_FOR_STATE at each step. */
type Standing = { readonly state: 'pending' | 'firing'; readonly since: number } | undefined;

const standingIn = (samples: readonly PromSample[]): Standing[] =>
  Array.from({ length: STEPS }, (_, step) => {
    const now = samples.filter(({ seconds }) => seconds === step * STEP_SECONDS);
    const state = now.find(({ labels }) => labels.__name__ === 'ALERTS')?.labels.alertstate;
    const since = now.find(({ labels }) => labels.__name__ === 'ALERTS_FOR_STATE')?.value;
    // Prometheus knows no third state.
    return since === undefined ? undefined : { state: state as 'pending' | 'firing', since };
  });

const ours = (rule: Rule, series: readonly (number | null)[]): Standing[] => {
  const rules = compileRules([rule]);
  let state: RulesState = NO_STATE;
  return series.map((value, step) => {
    const now = BEGIN_MS + step * STEP_SECONDS * 1000;
    const readings = value === null ? [] : [{ subject: aSubject, samples: [{ at: now, values: { [METRIC]: value } }] }];
    const look =
      value === null ? evaluateAbsence(rules, [], state, { now }) : evaluate(rules, readings, state, { now });
    // Kept as JSON from one to the next.
    state = JSON.parse(JSON.stringify(look.state));
    const entry = state.subjects[aSubject.id]?.rules[rule.id];
    if (entry?.since === undefined) return undefined;
    return { state: entry.fired === undefined ? 'pending' : 'firing', since: (entry.since - BEGIN_MS) / 1000 };
  });
};

it('pend, fire, are kept firing and are over as those of Prometheus', async () => {
  const cases = fc.sample(fc.tuple(someCase, someWait, fc.option(someWait)), { seed: SEED, numRuns: casesOr(400) });
  const all = cases.map(([[pair, series], wait, keep], index) => {
    const { when, datapoints } = pair;
    const name = `r${index}`;
    const alert = alertNameOf(name);
    const rule = aRule({
      name,
      when,
      for: wait,
      ...(keep && { keepFiringFor: keep }),
      ...(datapoints && { datapoints }),
    });
    const theirs = { alert, expr: pair.expr(`m${index}`, alert), for: wait, ...(keep && { keep_firing_for: keep }) };
    const input = { series: `m${index}{id="${index}"}`, values: series.map((value) => value ?? '_').join(' ') };
    return { alert, theirs, input, series, rule, standing: ours(rule, series) };
  });
  const samples = await promtoolSeries(
    [{ name: 'all', interval: `${STEP_SECONDS}s`, rules: all.map(({ theirs }) => theirs) }],
    {
      input: all.map(({ input }) => input),
      expr: '{__name__=~"ALERTS|ALERTS_FOR_STATE"}',
      stepSeconds: STEP_SECONDS,
      steps: STEPS,
    },
  );
  const byAlert = Map.groupBy(samples, ({ labels }) => labels.alertname);
  const met = { pending: 0, firing: 0 };
  for (const { alert, theirs, series, rule, standing } of all) {
    const theirStanding = standingIn(byAlert.get(alert) ?? []);
    expect(standing, `${JSON.stringify([theirs, rule.when, rule.datapoints])}\n${series.join(' ')}`).toEqual(
      theirStanding,
    );
    for (const each of standing) if (each) met[each.state] += 1;
  }
  expect(met.pending).toBeGreaterThan(cases.length);
  expect(met.firing).toBeGreaterThan(cases.length);
});
