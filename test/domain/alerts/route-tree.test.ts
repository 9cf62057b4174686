import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { matcherText } from '../../../lambdas/domain/alerts/matchers.ts';
import {
  explain,
  groupKeyOf,
  groupLabelsOf,
  type Route,
  routesFor,
  routeTree,
} from '../../../lambdas/domain/alerts/route-tree.ts';
import { someLabels, someRoutes, yamlOf } from '../../support/alerts.ts';

const treeOf = (route: string): Route =>
  routeTree(readConfig(`receivers: [{name: r}, {name: a}, {name: b}, {name: c}]\nroute:\n${route}`));

const TREE = treeOf(`
  receiver: r
  group_by: [alertname]
  group_wait: 10s
  routes:
    - matchers: [team="a"]
      receiver: a
      continue: true
      group_by: ['...']
      repeat_interval: 1h
      routes:
        - match: {tier: gold}
          match_re: {job: "x|y"}
          group_by: [job]
        - matchers: [tier=silver]
    - matchers: [team=~"a|b"]
      receiver: b
      group_interval: 1m
    - receiver: c
      matchers: [team!=""]
`);

const receiversOf = (labels: Record<string, string>): string[] =>
  routesFor(TREE, labels).map(({ id, receiver }) => `${id} ${receiver}`);

describe('an alert goes', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, ['0 r']],
    [{ team: 'a' }, ['0.0 a', '0.1 b']],
    [{ team: 'a', tier: 'silver' }, ['0.0.1 a', '0.1 b']],
    [{ team: 'a', tier: 'gold', job: 'x' }, ['0.0.0 a', '0.1 b']],
    [{ team: 'a', tier: 'gold' }, ['0.0 a', '0.1 b']],
    [{ team: 'b' }, ['0.1 b']],
    [{ team: 'c' }, ['0.2 c']],
  ])('with %j to %j', (labels, expected) => expect(receiversOf(labels)).toEqual(expected));

  it('somewhere, and only where each matcher on the way takes it', () => {
    fc.assert(
      fc.property(someRoutes, someLabels, (route, labels) => {
        const tree = routeTree(readConfig(yamlOf({ route })));
        const asked = explain(tree, labels);
        const routes = routesFor(tree, labels);
        expect(routes.length).toBeGreaterThan(0);
        expect(new Set(routes).size).toBe(routes.length);
        const passed = new Map(asked.map(({ route: { id }, answer }) => [id, answer]));
        for (const { id } of routes) {
          const above = id
            .split('.')
            .slice(0, -1)
            .map((_, depth) =>
              id
                .split('.')
                .slice(0, depth + 1)
                .join('.'),
            );
          expect(above.map((each) => passed.get(each))).toEqual(above.map(() => 'passes-on'));
        }
        for (const { answer, refusedBy } of asked) expect(refusedBy.length > 0).toBe(answer === 'refuses');
      }),
    );
  });

  it('and why is told', () => {
    const told = explain(TREE, { team: 'b', tier: 'gold' }).map(({ route, answer, refusedBy }) => [
      route.id,
      answer,
      refusedBy.map(matcherText),
    ]);
    expect(told).toEqual([
      ['0', 'passes-on', []],
      ['0.0', 'refuses', ['team="a"']],
      ['0.1', 'receives', []],
      ['0.2', 'not-asked', []],
    ]);
  });
});

describe('a route', () => {
  const [first, second] = TREE.routes;

  it('has what it does not say of its parent, but for its time intervals', () => {
    const tree = treeOf(`
      receiver: r
      routes:
        - matchers: [a=b]
          mute_time_intervals: [night]
          active_time_intervals: [day]
          routes: [{matchers: [c=d]}]
time_intervals: [{name: night}, {name: day}]`);
    const [child] = tree.routes;
    expect(child).toMatchObject({ receiver: 'r', muteTimeIntervals: ['night'], activeTimeIntervals: ['day'] });
    expect(child?.routes[0]).toMatchObject({ receiver: 'r', muteTimeIntervals: [], activeTimeIntervals: [] });
    expect(tree).toMatchObject({
      groupBy: [],
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 14_400_000,
    });
  });

  it('has the times that it says', () => {
    expect(first).toMatchObject({ groupWaitMs: 10_000, groupIntervalMs: 300_000, repeatIntervalMs: 3_600_000 });
    expect(first?.routes[1]).toMatchObject({ groupWaitMs: 10_000, repeatIntervalMs: 3_600_000 });
    expect(second).toMatchObject({ groupWaitMs: 10_000, groupIntervalMs: 60_000, repeatIntervalMs: 14_400_000 });
  });

  it.each<[string, Route | undefined, Record<string, string>]>([
    ["its parent's labels", second, { alertname: 'X' }],
    ['all labels', first, { alertname: 'X', job: 'x', team: 'a' }],
    ['all labels, as its parent', first?.routes[1], { alertname: 'X', job: 'x', team: 'a' }],
    ['labels of its own', first?.routes[0], { job: 'x' }],
  ])('groups by %s', (_, route, expected) => {
    expect(route && groupLabelsOf(route, { alertname: 'X', job: 'x', team: 'a' })).toEqual(expected);
  });

  it('has groups by the names that Alertmanager gives them', () => {
    expect(groupKeyOf(TREE, {})).toBe('{}:{}');
    expect(groupKeyOf(TREE.routes[1] as Route, { alertname: 'X "1"' })).toBe(
      '{}/{team=~"a|b"}:{alertname="X \\"1\\""}',
    );
    expect(first?.routes[0]?.key).toBe('{}/{team="a"}/{job=~"^(?:x|y)$",tier="gold"}');
  });
});
