import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InhibitRule } from '../../../lambdas/domain/alerts/config-route.ts';
import { inhibition, inhibitorsOf } from '../../../lambdas/domain/alerts/inhibit.ts';
import { fingerprintOf, type LabelSet, labelOf } from '../../../lambdas/domain/alerts/labels.ts';
import { matchesAll, parseMatchers } from '../../../lambdas/domain/alerts/matchers.ts';
import { plainMatcher, someLabels } from '../../support/alerts.ts';

const rule = (source: string, target: string, ...equal: string[]): InhibitRule => ({
  source_matchers: parseMatchers(source),
  target_matchers: parseMatchers(target),
  equal,
});

const keptQuietBy = (rules: InhibitRule[], labels: LabelSet, ...firing: LabelSet[]): LabelSet[] => {
  const known = new Map([labels, ...firing].map((each) => [fingerprintOf(each), each]));
  return inhibitorsOf(
    rules,
    { labels },
    firing.map((each) => ({ labels: each })),
  ).map((fingerprint) => known.get(fingerprint) ?? {});
};

describe('an alert is kept quiet', () => {
  const critical = rule('severity=critical', 'severity=warning', 'cluster');

  it.each<[string, InhibitRule[], LabelSet, LabelSet[], LabelSet[]]>([
    [
      'by a source with equal labels',
      [critical],
      { severity: 'warning', cluster: '1' },
      [{ severity: 'critical', cluster: '1' }],
      [{ severity: 'critical', cluster: '1' }],
    ],
    [
      'by none with others',
      [critical],
      { severity: 'warning', cluster: '1' },
      [{ severity: 'critical', cluster: '2' }],
      [],
    ],
    [
      'where both lack the label',
      [critical],
      { severity: 'warning' },
      [{ severity: 'critical' }],
      [{ severity: 'critical' }],
    ],
    [
      'not where one of them lacks it',
      [critical],
      { severity: 'warning' },
      [{ severity: 'critical', cluster: '1' }],
      [],
    ],
    ['not where it is no target', [critical], { severity: 'info' }, [{ severity: 'critical' }], []],
    ['not by what is no source', [critical], { severity: 'warning' }, [{ severity: 'info' }], []],
    ['not by itself', [rule('a=x', 'a=x')], { a: 'x' }, [{ a: 'x' }], []],
    [
      'not by another that is source and target too',
      [rule('a=x', 'b=y')],
      { a: 'x', b: 'y' },
      [{ a: 'x', b: 'y', c: '1' }],
      [],
    ],
    [
      'though it is a source, by one that is that alone',
      [rule('a=x', 'b=y')],
      { a: 'x', b: 'y' },
      [{ a: 'x' }],
      [{ a: 'x' }],
    ],
    [
      'by one that is a target too, where it is no source',
      [rule('a=x', 'b=y')],
      { b: 'y' },
      [{ a: 'x', b: 'y' }],
      [{ a: 'x', b: 'y' }],
    ],
    ['by several rules once', [rule('a=x', 'b=y'), rule('a=~.+', 'b=y')], { b: 'y' }, [{ a: 'x' }], [{ a: 'x' }]],
  ])('%s', (_, rules, labels, firing, expected) => expect(keptQuietBy(rules, labels, ...firing)).toEqual(expected));

  const someRule = fc.record({
    source_matchers: fc.array(plainMatcher, { maxLength: 2 }),
    target_matchers: fc.array(plainMatcher, { maxLength: 2 }),
    equal: fc.subarray(['job', 'team', 'constructor']),
  });

  /** The rule as it is written down: each source against each target. */
  const plainly = ({ source_matchers, target_matchers, equal }: InhibitRule, target: LabelSet, source: LabelSet) =>
    matchesAll(target_matchers, target) &&
    matchesAll(source_matchers, source) &&
    equal.every((name) => labelOf(source, name) === labelOf(target, name)) &&
    !(matchesAll(source_matchers, target) && matchesAll(target_matchers, source));

  it('by those that the rules name, and by no other', () => {
    fc.assert(
      fc.property(fc.array(someRule, { maxLength: 3 }), fc.array(someLabels), (rules, firing) => {
        const askedOf = inhibition(
          rules,
          firing.map((labels) => ({ labels })),
        );
        for (const labels of firing) {
          const named = firing.filter((source) => rules.some((each) => plainly(each, labels, source)));
          expect(askedOf(labels)).toEqual([...new Set(named.map(fingerprintOf))].sort());
          expect(askedOf(labels)).not.toContain(fingerprintOf(labels));
        }
      }),
    );
  });
});
