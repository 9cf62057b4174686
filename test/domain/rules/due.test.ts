import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import { evaluateComposites } from '../../../lambdas/domain/rules/composite.ts';
import { slotsOf } from '../../../lambdas/domain/rules/due.ts';
import { evaluate, evaluateAbsence, NO_STATE } from '../../../lambdas/domain/rules/evaluate.ts';
import { aRule, aSubject } from '../../support/rules.ts';

const CPU = 'vm.cpu.utilization';
const hot = { metric: CPU, op: '>', value: 0.9 } as const;
const second = (at: number): number => at * 1000;

/** When something is due of rules that heard of a VM at these seconds, in seconds. */
const dueOf = (
  spec: Parameters<typeof aRule>[0],
  heard: readonly (readonly [at: number, value: number])[],
  now?: number,
) => {
  const rules = compileRules([aRule(spec)]);
  let look = evaluateAbsence(rules, [], NO_STATE, { now: 0 });
  for (const [at, value] of heard) {
    const samples = [{ at: second(at), values: { [CPU]: value } }];
    look = evaluate(rules, [{ subject: aSubject, samples }], look.state, { now: second(now ?? at) });
  }
  return look.due.map((at) => at / 1000);
};

describe('of what nothing comes that would show it, is due', () => {
  it.each([
    ['the moment at which it fires', { when: hot, for: '25s' }, [[1003, 1]], [1030]],
    [
      'nothing, once it does',
      { when: hot, for: '25s' },
      [
        [1003, 1],
        [1028, 1],
      ],
      [],
    ],
    ['nothing of what is far', { when: hot, for: '5m' }, [[1003, 1]], []],
    ['nothing of what does not hold', { when: hot, for: '25s' }, [[1003, 0.1]], []],
    [
      'the end of what is kept',
      { when: hot, keepFiringFor: '42s' },
      [
        [1003, 1],
        [1018, 0.1],
      ],
      [1060],
    ],
    ['when samples are missed', { when: { absent: CPU }, for: '90s' }, [[1003, 1]], [1100]],
  ] as const)('%s', (_, spec, heard, due) => {
    expect(dueOf({ name: 'one', ...spec }, heard)).toEqual(due);
  });

  it('the end of the last value, and of what is kept after it', () => {
    expect(dueOf({ name: 'one', when: hot }, [[1003, 1]], 1200)).toEqual([1310]);
    expect(dueOf({ name: 'one', when: hot, keepFiringFor: '15s' }, [[1003, 1]], 1200)).toEqual([1310, 1320]);
  });

  it('the end of the last value of a window', () => {
    const when = { ...hot, stat: 'max', over: '1m' } as const;
    const heard = Array.from({ length: 30 }, (_, index) => [1003 + index * 3, 1] as const);
    expect(dueOf({ name: 'one', when }, heard, 1300)).toEqual([1400]);
  });

  it('the samples of what was never heard of', () => {
    const rules = compileRules([aRule({ name: 'one', when: { absent: CPU }, for: '40s' })]);
    const look = (expected: boolean) =>
      evaluateAbsence(rules, expected ? [{ subject: aSubject, since: second(995) }] : [], NO_STATE, {
        now: second(1000),
      });
    expect(look(true).due).toEqual([second(1040)]);
    expect(look(false).due).toEqual([]);
  });

  it('what is made of others, by its own time', () => {
    const both = aRule({ name: 'both', when: { all: ['one'] }, for: '25s' });
    const rules = compileRules([aRule({ name: 'one', when: hot }), both]);
    const firing = [{ rule: 'one', labels: aSubject.labels }];
    expect(evaluateComposites(rules, 'default', firing, {}, second(1003)).due).toEqual([second(1030)]);
  });
});

describe('a moment', () => {
  it('is put off to the next full ten seconds, never to one that is over', () => {
    expect(slotsOf([1, 10_000, 10_001, 50_000], 20_000)).toEqual([30_000, 30_000, 30_000, 50_000]);
  });

  it('of more than two minutes ahead is for later', () => {
    expect(slotsOf([120_000, 120_001], 0)).toEqual([120_000]);
  });
});
