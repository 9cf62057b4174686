import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { fingerprintOf } from '../../../lambdas/domain/alerts/labels.ts';
import type { Reading } from '../../../lambdas/domain/metrics/batch.ts';
import type { Values } from '../../../lambdas/domain/metrics/catalog.ts';
import type { Subject } from '../../../lambdas/domain/metrics/labels.ts';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import {
  type Evaluation,
  evaluate,
  evaluateAbsence,
  NO_STATE,
  type RulesState,
} from '../../../lambdas/domain/rules/evaluate.ts';
import type { Baseline } from '../../../lambdas/domain/rules/judge.ts';
import type { Rule, RuleSpec } from '../../../lambdas/domain/rules/rule.ts';
import { aRule, aSubject } from '../../support/rules.ts';

const BEGIN = Date.parse('2026-11-25T10:00:00.000Z');
const CPU = 'vm.cpu.utilization';
const hot = { metric: CPU, op: '>', value: 0.9 } as const;
const at = (seconds: number): number => BEGIN + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();

/** A source that hears of one VM, second by second as the test says, and keeps its state as JSON. */
const source = (...specs: readonly (z.input<typeof RuleSpec> | Rule)[]) => {
  const rowsOf = (all: typeof specs): Rule[] => all.map((spec) => ('id' in spec ? spec : aRule(spec)));
  let rules = compileRules(rowsOf(specs));
  let state: RulesState = NO_STATE;
  const keep = (look: Evaluation): Evaluation => {
    state = JSON.parse(JSON.stringify(look.state));
    return look;
  };
  return {
    get state() {
      return state;
    },
    rules: (...all: typeof specs) => {
      rules = compileRules(rowsOf(all));
    },
    hears: (seconds: number, value: number | Values, subject: Subject = aSubject, baseline?: Baseline) => {
      const values = typeof value === 'number' ? { [CPU]: value } : value;
      const readings = [{ subject, samples: [{ at: at(seconds), values }] }];
      return keep(evaluate(rules, readings, state, { now: at(seconds), baseline })).alerts;
    },
    waits: (seconds: number, ...expected: readonly Subject[]) =>
      keep(
        evaluateAbsence(
          rules,
          expected.map((subject) => ({ subject, since: BEGIN })),
          state,
          { now: at(seconds) },
        ),
      ).alerts,
    evaluates: (readings: readonly Reading[], now: number) => evaluate(rules, readings, state, { now }),
  };
};

describe('an alert of a rule', () => {
  it('says what Prometheus says: since when it fires, when it will be over, what it is about, and what people wrote', () => {
    const summary = '{{ $labels.vm }} of {{ $labels.nobody }} is at {{$value}}, {{ $labels.severity }}';
    const vm = source({
      name: 'vm-hot',
      when: hot,
      for: '30s',
      labels: { severity: 'page' },
      annotations: { summary },
    });
    expect(vm.hears(0, 0.95)).toEqual([]);
    expect(vm.hears(15, 0.95)).toEqual([]);
    expect(vm.hears(30, 0.987654)).toEqual([
      {
        project: 'default',
        ruleId: 'rul-vm-hot',
        labels: { ...aSubject.labels, alertname: 'VmHot', severity: 'page' },
        annotations: { summary: 'web-1 of  is at 0.9877, page' },
        startsAt: iso(30),
        endsAt: iso(30 + 240),
      },
    ]);
  });

  it('is sent again each minute while it fires, and once as it is over', () => {
    const vm = source({ name: 'hot', when: hot });
    const sent = [0, 15, 30, 45, 60, 75].map((seconds) => vm.hears(seconds, 1).map(({ endsAt }) => endsAt));
    expect(sent).toEqual([[iso(240)], [], [], [], [iso(300)], []]);
    expect(vm.hears(90, 0)).toMatchObject([{ startsAt: iso(0), endsAt: iso(90) }]);
    expect([vm.hears(105, 0), vm.waits(400)]).toEqual([[], []]);
  });

  it('that began and was over within one delivery is not told; one that was told is', () => {
    const vm = source({ name: 'hot', when: hot });
    const samples = (...values: readonly number[]) =>
      values.map((value, index) => ({ at: at(index * 15), values: { [CPU]: value } }));
    const told = (...values: readonly number[]) =>
      vm.evaluates([{ subject: aSubject, samples: samples(...values) }], at(200)).alerts;
    expect(told(0, 1, 0)).toEqual([]);
    expect(told(1, 0, 1)).toMatchObject([{ startsAt: iso(30), endsAt: iso(440) }]);
    vm.hears(0, 1);
    expect(told(1, 0, 0)).toMatchObject([{ startsAt: iso(0), endsAt: iso(15) }]);
    expect(told(1, 0, 1)).toMatchObject([{ startsAt: iso(0), endsAt: iso(15) }, { startsAt: iso(30) }]);
  });

  it('ends as its rule is changed, turned off, deleted, or no longer about its subject', () => {
    const rule = aRule({ name: 'hot', when: hot, labels: { team: 'a' } });
    const next = { ...rule, labels: { team: 'b' }, version: 2 };
    const labels = { ...aSubject.labels, alertname: 'Hot', team: 'a' };
    const over = { project: 'default', ruleId: rule.id, labels, startsAt: iso(0), endsAt: iso(15) };
    for (const rules of [[], [{ ...rule, enabled: false }], [next]]) {
      const vm = source(rule);
      vm.hears(0, 1);
      vm.rules(...rules);
      const [first, ...more] = vm.hears(15, 1);
      expect(first).toMatchObject(over);
      expect(more.map((alert) => alert.labels.team)).toEqual(rules[0] === next ? ['b'] : []);
    }
    const vm = source({ name: 'hot', when: hot, matchers: ['tag_env="prod"'], labels: { team: 'a' } });
    vm.hears(0, 1);
    const moved = { ...aSubject, labels: { ...aSubject.labels, tag_env: 'stage' } };
    expect(vm.hears(15, 1, moved)).toMatchObject([over]);
    expect(vm.hears(30, 1, moved)).toEqual([]);
  });

  it('goes on under the labels that its subject has, and is over under those that it had', () => {
    const vm = source({ name: 'hot', when: hot });
    vm.hears(0, 1);
    const renamed = { ...aSubject, labels: { ...aSubject.labels, vm: 'web-2' } };
    expect(vm.hears(15, 1, renamed)).toMatchObject([
      { labels: { vm: 'web-1' }, startsAt: iso(0), endsAt: iso(15) },
      { labels: { vm: 'web-2' }, startsAt: iso(0), endsAt: iso(15 + 240) },
    ]);
  });

  it('ends five minutes after the last sample of its subject, by time alone', () => {
    const vm = source({ name: 'hot', when: hot });
    for (const seconds of [0, 15, 30, 45, 60]) vm.hears(seconds, 1);
    expect(vm.waits(360).map(({ endsAt }) => endsAt)).toEqual([iso(600)]);
    expect(vm.waits(361)).toMatchObject([{ labels: { alertname: 'Hot' }, endsAt: iso(361) }]);
    expect(vm.waits(10_000)).toEqual([]);
    expect(vm.state.subjects).toEqual({});
  });

  it('fires as time goes by, where what held holds for long enough', () => {
    const vm = source({ name: 'hot', when: hot, for: '20s' });
    vm.hears(0, 1);
    expect(vm.waits(10)).toEqual([]);
    expect(vm.waits(20)).toMatchObject([{ startsAt: iso(20) }]);
  });
});

describe('a rule', () => {
  it('is about what its matchers say, of its own project and kind', () => {
    const vm = source({ name: 'hot', when: hot, matchers: ['host=~"h[12]"', 'tag_env!="stage"'] });
    const about = (labels: object, of: Partial<Subject> = {}) =>
      vm.hears(0, 1, {
        ...aSubject,
        ...of,
        id: JSON.stringify([labels, of]),
        labels: { ...aSubject.labels, ...labels },
      }).length;
    expect([about({}), about({ host: 'h2' }), about({ host: 'h3' }), about({ tag_env: 'stage' })]).toEqual([
      1, 1, 0, 0,
    ]);
    expect([about({}, { project: 'shop' }), about({}, { kind: 'host' })]).toEqual([0, 0]);
  });

  it('of a share takes two metrics of one sample; a share of nothing is none', () => {
    const when = { metric: 'vm.memory.usage', of: 'vm.memory.allocated', op: '>=', value: 0.5 } as const;
    const share = (values: Values) => source({ name: 'full', when }).hears(0, values).length;
    expect(share({ 'vm.memory.usage': 1, 'vm.memory.allocated': 2 })).toBe(1);
    expect(share({ 'vm.memory.usage': 1, 'vm.memory.allocated': 3 })).toBe(0);
    expect(share({ 'vm.memory.usage': 1, 'vm.memory.allocated': 0 })).toBe(0);
    expect(share({ 'vm.memory.usage': 1 })).toBe(0);
    expect(share({ 'vm.memory.allocated': 1 })).toBe(0);
  });

  it('with a band asks what is usual at that hour of the week, on the sides that it says', () => {
    const asked: unknown[] = [];
    const fires = (value: number, side: 'above' | 'below' | 'both', atLeast?: number, mad = 0.02) => {
      const band = { weeks: 4, width: 2, side, ...(atLeast && { atLeast }) };
      const baseline: Baseline = (...question) => {
        asked.push(question);
        return { median: 0.5, mad };
      };
      return source({ name: 'odd', when: { metric: CPU, band } }).hears(0, value, aSubject, baseline).length > 0;
    };
    // Two deviations of 0.02 · 1.4826 are 0.0593.
    expect([fires(0.56, 'both'), fires(0.55, 'both'), fires(0.44, 'both'), fires(0.45, 'both')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([fires(0.56, 'below'), fires(0.44, 'above'), fires(0.44, 'below')]).toEqual([false, false, true]);
    expect([fires(0.56, 'both', 0.1), fires(0.61, 'both', 0.1)]).toEqual([false, true]);
    // Where all weeks were alike nobody can say how far is far.
    expect([fires(0.9, 'both', undefined, 0), fires(0.9, 'both', 0.1, 0)]).toEqual([false, true]);
    // A Wednesday at ten in the morning.
    expect(asked[0]).toEqual([aSubject.id, CPU, 58, 4]);
    expect(source({ name: 'odd', when: { metric: CPU, band: { weeks: 4, width: 2 } } }).hears(0, 9)).toEqual([]);
  });

  it('with a window waits until samples have come for all of it, and again after a gap', () => {
    const when = { ...hot, stat: 'min', over: '5m' } as const;
    const vm = source({ name: 'long', when });
    const fired = Array.from({ length: 20 }, (_, step) => vm.hears(step * 15, 1).length);
    expect(fired.indexOf(1)).toBe(19);
    expect(vm.hears(19 * 15 + 301, 1)).toMatchObject([{ endsAt: iso(19 * 15 + 301) }]);
    expect(vm.waits(5000)).toEqual([]);
  });

  it.each<[string, string, number, readonly number[], boolean]>([
    ['>', 'last', 0.5, [0.5], false],
    ['>=', 'last', 0.5, [0.5], true],
    ['<', 'last', 0.5, [0.5], false],
    ['<=', 'last', 0.5, [0.5], true],
    ['==', 'last', 0.5, [0.5], true],
    ['!=', 'last', 0.5, [0.5], false],
    ['<', 'min', 0.2, [0.5, 0.1, 0.5, 0.5], true],
    ['>', 'max', 0.8, [0.5, 0.9, 0.5, 0.5], true],
    ['>', 'avg', 0.5, [0.4, 0.6, 0.8, 0.4], true],
    ['>', 'avg', 0.55, [0.4, 0.6, 0.8, 0.4], false],
    ['<', 'change', -0.3, [0.9, 0.9, 0.8, 0.7, 0.5], true],
    ['<=', 'rate', -0.0066, [0.9, 0.9, 0.8, 0.7, 0.5], true],
    ['<=', 'rate', -0.0067, [0.9, 0.9, 0.8, 0.7, 0.5], false],
  ])('%s %s %f of %j: %s', (op, stat, value, values, fires) => {
    const when = { metric: CPU, op, stat, value, ...(stat === 'last' ? {} : { over: '1m' }) };
    const vm = source({ name: 'one', when });
    // Five for a window of a minute, of which the first may be before it.
    const all = values.length === 4 ? [0.5, ...values] : values;
    const told = all.flatMap((each, step) => vm.hears(step * 15, each));
    expect(told.length > 0).toBe(fires);
  });

  it('folds samples of one twentieth of its window into one', () => {
    const fires = (stat: string, values: readonly number[], value: number) => {
      const vm = source({ name: 'long', when: { metric: CPU, op: '>', stat, value, over: '1h' } });
      for (let step = 0; step < 260; step += 1) vm.hears(step * 15, values[step % values.length] ?? 0);
      return vm.state.subjects[aSubject.id]?.rules['rul-long']?.fired !== undefined;
    };
    // Twelve samples stand in each.
    expect([fires('avg', [0.2, 0.4, 0.6], 0.39), fires('avg', [0.2, 0.4, 0.6], 0.41)]).toEqual([true, false]);
    expect([fires('min', [0.2, 0.4, 0.6], 0.19), fires('min', [0.2, 0.4, 0.6], 0.21)]).toEqual([true, false]);
    expect([fires('max', [0.2, 0.4, 0.6], 0.59), fires('max', [0.2, 0.4, 0.6], 0.61)]).toEqual([true, false]);
  });

  it('looks past a gap within its window', () => {
    const vm = source(
      { name: 'long', when: { ...hot, stat: 'avg', over: '2m' } },
      { name: 'change', when: { ...hot, stat: 'change', over: '2m', value: 0.5 } },
    );
    for (const seconds of [0, 15, 90, 105, 120, 135]) vm.hears(seconds, seconds < 90 ? 0.2 : 0.95);
    const fired = () =>
      ['rul-long', 'rul-change'].map((id) => vm.state.subjects[aSubject.id]?.rules[id]?.fired !== undefined);
    // Of the first two samples one still stands in the mean at 120 s, and none at 135 s.
    expect(fired()).toEqual([true, true]);
    vm.waits(250);
    expect(fired()).toEqual([true, false]);
  });

  it('with a window longer than samples are apart keeps no more than a twentieth of it each', () => {
    const vm = source({ name: 'long', when: { ...hot, stat: 'max', over: '1h' } });
    for (let step = 0; step < 480; step += 1) vm.hears(step * 15, step === 3 ? 1 : 0.5);
    const ring = vm.state.subjects[aSubject.id]?.rules['rul-long']?.ring;
    expect(ring?.cells.length).toBe(21);
    expect(JSON.stringify(vm.state).length).toBeLessThan(600);
  });
});

describe('what should have come', () => {
  const silent = { name: 'silent', when: { absent: CPU }, for: '5m' } as const;

  it('and has not for so long fires by time alone, and is over as it comes', () => {
    const vm = source(silent);
    vm.hears(0, 1);
    expect(vm.waits(299, aSubject)).toEqual([]);
    const startsAt = iso(300);
    expect(vm.waits(300, aSubject)).toMatchObject([{ labels: { alertname: 'Silent', vm: 'web-1' }, startsAt }]);
    expect(vm.waits(310, aSubject)).toEqual([]);
    expect(vm.waits(360, aSubject)).toMatchObject([{ startsAt, endsAt: iso(600) }]);
    // Another metric is not what was waited for.
    expect(vm.hears(370, { 'vm.cpu.steal': 0 })).toEqual([]);
    expect(vm.hears(385, 1)).toMatchObject([{ startsAt, endsAt: iso(385) }]);
    expect(vm.waits(600, aSubject)).toEqual([]);
    expect(vm.waits(685, aSubject)).toHaveLength(1);
  });

  it('counts from when it should, where nothing ever came', () => {
    const vm = source(silent);
    expect(vm.waits(299, aSubject)).toEqual([]);
    expect(vm.waits(300, aSubject)).toHaveLength(1);
  });

  it('and need not any more is over, and forgotten', () => {
    const vm = source(silent);
    vm.hears(0, 1);
    expect(vm.waits(300, aSubject)).toHaveLength(1);
    expect(vm.waits(310)).toMatchObject([{ endsAt: iso(310) }]);
    expect(vm.waits(5000)).toEqual([]);
    expect(vm.state.subjects).toEqual({});
  });

  it('of one that was asked of nobody stays as it was', () => {
    const vm = source(silent);
    vm.hears(0, 1);
    vm.waits(300, aSubject);
    const other = { ...aSubject, id: 'vm-0000000000000002' };
    expect(vm.hears(310, 1, other)).toEqual([]);
    expect(vm.hears(365, 1, other)).toMatchObject([{ labels: { vm: 'web-1' }, startsAt: iso(300) }]);
  });
});

describe('samples', () => {
  const rules = compileRules([
    aRule({ name: 'hot', when: { ...hot, clear: 0.5 }, for: '30s', keepFiringFor: '30s' }),
    aRule({ name: 'mean', when: { ...hot, stat: 'avg', over: '1m', value: 0.6 } }),
    aRule({ name: 'often', when: hot, datapoints: { breaching: 2, of: 3 } }),
    aRule({ name: 'rising', when: { ...hot, stat: 'change', over: '2m', value: 0.4 } }),
    aRule({ name: 'silent', when: { absent: CPU }, for: '1m' }),
  ]);
  const someSamples = fc.array(
    fc.record({ step: fc.integer({ min: 0, max: 60 }), value: fc.option(fc.constantFrom(0, 0.45, 0.7, 0.95, 1)) }),
    { minLength: 1, maxLength: 50 },
  );
  const sampleOf = ({ step, value }: { step: number; value: number | null }) => ({
    at: at(step * 15),
    values: value === null ? {} : { [CPU]: value },
  });
  const NOW = at(60 * 15);
  const look = (samples: Reading['samples'], before = NO_STATE, now = NOW) =>
    evaluate(rules, [{ subject: aSubject, samples }], before, { now });

  it('doubled, reordered and late change nothing', () => {
    fc.assert(
      fc.property(someSamples, fc.integer(), (given, seed) => {
        const once = [...new Map(given.map((each) => [each.step, each])).values()].sort((a, b) => a.step - b.step);
        const all = once.map(sampleOf);
        const expected = look(all);
        const shuffled = [...all, ...all].sort((a, b) => ((a.at + seed) % 7) - ((b.at + seed) % 5));
        expect(look(shuffled)).toEqual(expected);
        // The same again, in whatever order, is as if nothing came.
        const again = look(shuffled, expected.state);
        expect(again).toEqual(look([], expected.state));
      }),
    );
  });

  it('come in whatever deliveries, and what fires is the same', () => {
    fc.assert(
      fc.property(someSamples, fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1 }), (given, sizes) => {
        const once = [...new Map(given.map((each) => [each.step, each])).values()].sort((a, b) => a.step - b.step);
        const all = once.map(sampleOf);
        let state = NO_STATE;
        for (let from = 0, turn = 0; from < all.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          state = look(all.slice(from, from + size), state).state;
          from += size;
        }
        const firing = (of: RulesState) =>
          Object.entries(of.subjects[aSubject.id]?.rules ?? {}).map(([id, { since, fired, bits, ring }]) => ({
            id,
            since,
            fired,
            bits,
            ring,
          }));
        expect(firing(state)).toEqual(firing(look(all).state));
      }),
    );
  });

  it('that an evaluator died over, after it told and before it kept, make the same alerts', () => {
    fc.assert(
      fc.property(someSamples, someSamples, (first, second) => {
        const before = look(first.map(sampleOf)).state;
        const later = second.map(({ step, value }) => sampleOf({ step: step + 61, value }));
        const [lost, again] = [at(130 * 15), at(130 * 15 + 20)].map((now) => look(later, before, now).alerts);
        const known = (alerts: typeof lost) =>
          alerts?.map(({ labels, startsAt }) => `${fingerprintOf(labels)} ${startsAt}`);
        expect(known(again)).toEqual(known(lost));
      }),
    );
  });

  it('of a clock that is far ahead are not taken, lest they put off all that come after', () => {
    const vm = source({ name: 'hot', when: hot });
    const ahead = vm.evaluates([{ subject: aSubject, samples: [{ at: at(61), values: { [CPU]: 1 } }] }], at(0));
    expect(ahead.alerts).toEqual([]);
    const near = vm.evaluates([{ subject: aSubject, samples: [{ at: at(60), values: { [CPU]: 1 } }] }], at(0));
    expect(near.alerts).toMatchObject([{ startsAt: iso(60), endsAt: iso(240) }]);
  });

  it('of a subject that stands twice in one delivery are one after the other', () => {
    const vm = source({ name: 'hot', when: hot, for: '15s' });
    const reading = (seconds: number) => ({ subject: aSubject, samples: [{ at: at(seconds), values: { [CPU]: 1 } }] });
    expect(vm.evaluates([reading(0), reading(15)], at(15)).alerts).toHaveLength(1);
  });

  it('keep nothing of rules that nothing is to be kept of', () => {
    const vm = source({ name: 'hot', when: hot }, { name: 'often', when: hot, datapoints: { breaching: 2, of: 3 } });
    vm.hears(0, 0.5);
    expect(vm.state.subjects[aSubject.id]?.rules).toEqual({});
    vm.hears(15, 1);
    for (const seconds of [30, 45, 60]) vm.hears(seconds, 0);
    expect(vm.state.subjects[aSubject.id]).toEqual({ project: 'default', at: at(60), rules: {} });
  });
});
