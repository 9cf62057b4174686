import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import {
  type CompositeState,
  evaluateComposites,
  type Firing,
  firingIn,
} from '../../../lambdas/domain/rules/composite.ts';
import { evaluate, NO_STATE } from '../../../lambdas/domain/rules/evaluate.ts';
import type { Rule } from '../../../lambdas/domain/rules/rule.ts';
import { aRule, aSubject } from '../../support/rules.ts';

const BEGIN = Date.parse('2026-11-25T10:00:00.000Z');
const cpu = { metric: 'vm.cpu.utilization', op: '>', value: 0.9 } as const;
const disk = { metric: 'vm.disk.read.latency', op: '>', value: 0.1 } as const;
const host = { metric: 'host.cpu.load', op: '>', value: 9 } as const;
const A = aRule({ name: 'a', when: cpu });
const B = aRule({ name: 'b', when: disk });
const H = aRule({ name: 'h', when: host });
const web = (number: number, on = 'h1') => ({ vm: `web-${number}`, host: on });
const fires = (rule: string, labels: Firing['labels']): Firing => ({ rule, labels });

/** The composites of a project, second by second. */
const project = (...given: readonly Rule[]) => {
  let rules = compileRules([A, B, H, ...given]);
  let state: CompositeState = {};
  return {
    rules: (...other: readonly Rule[]) => {
      rules = compileRules([A, B, H, ...other]);
    },
    at: (seconds: number, ...firing: readonly Firing[]) => {
      const look = evaluateComposites(rules, 'default', firing, state, BEGIN + seconds * 1000);
      state = JSON.parse(JSON.stringify(look.state));
      return look.alerts.map(({ labels, endsAt, startsAt }) => ({
        ...labels,
        is: Date.parse(endsAt) > BEGIN + seconds * 1000 ? 'firing' : 'over',
        since: (Date.parse(startsAt) - BEGIN) / 1000,
      }));
    },
  };
};

describe('a rule that is always so', () => {
  it('fires once, of no subject, from the first look on, and is over as it is turned off', () => {
    const always = aRule({ name: 'watchdog', when: { always: true }, labels: { severity: 'none' } });
    const plane = project(always);
    const said = { alertname: 'Watchdog', severity: 'none', since: 0 };
    expect(plane.at(0)).toEqual([{ ...said, is: 'firing' }]);
    expect(plane.at(30)).toEqual([]);
    expect(plane.at(60)).toEqual([{ ...said, is: 'firing' }]);
    plane.rules();
    expect(plane.at(120)).toEqual([{ ...said, is: 'over' }]);
  });
});

describe('a rule that is made of others', () => {
  it.each<[string, Parameters<typeof aRule>[0]['when'], Firing[], object[]]>([
    ['all fire for one subject', { all: ['a', 'b'] }, [fires('a', web(1)), fires('b', web(1))], [web(1)]],
    ['all fire, for two', { all: ['a', 'b'] }, [fires('a', web(1)), fires('b', web(2))], []],
    ['one of any fires', { any: ['a', 'b'] }, [fires('b', web(2))], [web(2)]],
    ['each of any fires for another', { any: ['a', 'b'] }, [fires('a', web(1)), fires('b', web(2))], [web(1), web(2)]],
    ['all and none of any', { all: ['a'], any: ['b'] }, [fires('a', web(1))], []],
    ['all, and what must not', { all: ['a'], not: ['b'] }, [fires('a', web(1)), fires('b', web(1))], []],
    [
      'all, and what must not for another',
      { all: ['a'], not: ['b'] },
      [fires('a', web(1)), fires('b', web(2))],
      [web(1)],
    ],
    [
      'a VM and its host, which agree in one label',
      { all: ['a', 'h'], equal: ['host'] },
      [fires('a', web(1)), fires('a', web(2, 'h2')), fires('h', { host: 'h1', provider: 'kvm' })],
      [{ host: 'h1' }],
    ],
    [
      'both lack the label in which they are to agree',
      { all: ['a', 'h'], equal: ['rack'] },
      [fires('a', web(1)), fires('h', { host: 'h1' })],
      [{}],
    ],
  ])('fires where %s', (_, when, firing, subjects) => {
    const alerts = project(aRule({ name: 'made', when })).at(0, ...firing);
    expect(alerts).toEqual(subjects.map((labels) => ({ ...labels, alertname: 'Made', is: 'firing', since: 0 })));
  });

  it('has a wait, is kept firing and is over as any other', () => {
    const made = project(aRule({ name: 'made', when: { all: ['a', 'b'] }, for: '30s', keepFiringFor: '20s' }));
    const both = [fires('a', web(1)), fires('b', web(1))];
    expect([made.at(0, ...both), made.at(20), made.at(30, ...both), made.at(50, ...both)]).toEqual([[], [], [], []]);
    const alert = { ...web(1), alertname: 'Made', since: 60 };
    expect(made.at(60, ...both)).toEqual([{ ...alert, is: 'firing' }]);
    expect([made.at(70), made.at(80, ...both), made.at(90)]).toEqual([[], [], []]);
    expect(made.at(120)).toEqual([{ ...alert, is: 'over' }]);
    expect(made.at(130)).toEqual([]);
  });

  it('may be a part itself, without the labels that it adds', () => {
    const one = aRule({ name: 'one', when: { all: ['a', 'b'] }, labels: { severity: 'page' } });
    // Its name comes first: it is looked at after what it is made of.
    const made = project(aRule({ name: 'all', when: { all: ['one'], not: ['c'] } }), one);
    const both = [fires('a', web(1)), fires('b', web(1))];
    expect(made.at(0, ...both)).toMatchObject([{ alertname: 'One' }, { alertname: 'All' }]);
    expect(made.at(10, fires('a', web(1))).map(({ is }) => is)).toEqual(['over', 'over']);
  });

  it('is about what its matchers say', () => {
    const made = project(aRule({ name: 'made', when: { any: ['a'] }, matchers: ['host="h2"'] }));
    expect(made.at(0, fires('a', web(1)), fires('a', web(2, 'h2')))).toMatchObject([{ vm: 'web-2' }]);
  });

  it('is over as it is changed or deleted', () => {
    const rule = aRule({ name: 'made', when: { any: ['a'] } });
    const made = project(rule);
    made.at(0, fires('a', web(1)));
    const next = { ...rule, labels: { team: 'b' }, version: 2 };
    made.rules(next);
    expect(made.at(10, fires('a', web(1)))).toMatchObject([{ is: 'over' }, { is: 'firing', team: 'b', since: 10 }]);
    made.rules();
    expect(made.at(20, fires('a', web(1)))).toMatchObject([{ is: 'over', team: 'b' }]);
    expect(made.at(30, fires('a', web(1)))).toEqual([]);
  });

  it('counts what fires by samples, of its own project', () => {
    const rules = compileRules([A, { ...A, id: 'rul-shop', project: 'shop' }]);
    const of = (id: string, project: string) => ({
      subject: { ...aSubject, id, project },
      samples: [{ at: BEGIN, values: { 'vm.cpu.utilization': 1 } }],
    });
    const { state } = evaluate(rules, [of('vm-1', 'default'), of('vm-2', 'shop')], NO_STATE, { now: BEGIN });
    expect(firingIn(rules, state, 'default')).toEqual([{ rule: 'a', labels: aSubject.labels }]);
    expect(firingIn(compileRules([]), state, 'default')).toEqual([]);
  });
});
