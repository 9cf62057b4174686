import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambdas/domain/operation.ts';
import {
  faultOf,
  isJudged,
  isOvertaken,
  isReached,
  isUndoing,
  lookAfter,
  runningMeansReady,
  stepsAtBegin,
  stepsAtEnd,
  stepsMeanwhile,
} from '../../lambdas/domain/progress.ts';
import { aVm } from '../support/kvm.ts';

const AT = '2026-11-25T12:00:00.000Z';
const LATER = '2026-11-25T12:01:00.000Z';
const planned = STEPS['stop-vm'].map((name) => ({ name, state: 'pending' as const }));
const words = (steps: readonly { name: string; state: string }[]) => steps.map(({ name, state }) => `${name} ${state}`);

describe('steps', () => {
  it('go on one after the other', () => {
    const first = stepsAtBegin(planned, 'Ask To Stop', AT);
    expect(words(first)).toEqual(['Ask To Stop running', 'Record pending']);
    expect(words(stepsAtEnd(first, true, AT))).toEqual(['Ask To Stop succeeded', 'Record succeeded']);
  });

  it('show one that was not planned where it happened', () => {
    const plug = stepsAtBegin(stepsAtBegin(planned, 'Ask To Stop', AT), 'Pull The Plug', AT);
    expect(words(plug)).toEqual(['Ask To Stop failed', 'Pull The Plug running', 'Record pending']);
  });

  it('keep the beginning of a step that is tried again', () => {
    const again = stepsAtBegin(stepsAtBegin(planned, 'Ask To Stop', AT), 'Ask To Stop', '2026-11-25T13:00:00.000Z');
    expect(again[0]?.startedAt).toBe(AT);
  });

  it('that are taken back have failed, and say nothing of a plug', () => {
    const launched = stepsAtBegin([], 'Launch', AT);
    for (const undo of ['Undo', 'Undo Launch']) {
      expect(isUndoing(undo)).toBe(true);
      expect(stepsAtBegin(launched, undo, LATER)).toEqual([
        { name: 'Launch', state: 'failed', startedAt: AT, endedAt: LATER },
        { name: undo, state: 'running', startedAt: LATER },
      ]);
    }
    expect(isUndoing('Launch')).toBe(false);
  });

  it('say why a plug was pulled', () => {
    const asked = stepsAtBegin(planned, 'Ask To Stop', AT);
    expect(stepsAtBegin(asked, 'Pull The Plug', LATER)).toEqual([
      {
        name: 'Ask To Stop',
        state: 'failed',
        startedAt: AT,
        endedAt: LATER,
        detail: 'The guest did not stop within its grace.',
      },
      { name: 'Pull The Plug', state: 'running', startedAt: LATER },
      { name: 'Record', state: 'pending' },
    ]);
  });

  it('that were not planned come before what is still to do, else last', () => {
    expect(words(stepsAtBegin(planned, 'Other', AT))[0]).toBe('Other running');
    const done = stepsAtEnd(planned, true, AT);
    expect(words(stepsAtBegin(done, 'Other', AT)).at(-1)).toBe('Other running');
  });

  it('keep their detail, and tell what is known meanwhile of the one that runs', () => {
    const steps = stepsAtBegin(stepsMeanwhile(stepsAtBegin(planned, 'Ask To Stop', AT), 'asked'), 'Record', LATER);
    expect(stepsMeanwhile(steps, 'written')).toEqual([
      { name: 'Ask To Stop', state: 'succeeded', startedAt: AT, endedAt: LATER, detail: 'asked' },
      { name: 'Record', state: 'running', startedAt: LATER, detail: 'written' },
    ]);
  });

  it.each([
    [true, 'Launch', 'succeeded', { state: 'succeeded', startedAt: LATER, endedAt: LATER }],
    [false, 'Launch', 'failed', { state: 'skipped' }],
    [false, 'Undo', 'succeeded', { state: 'skipped' }],
  ] as const)('at an end that is well: %s, where %s runs', (well, name, state, rest) => {
    const failed = { name: 'Before', state: 'failed', startedAt: AT, endedAt: AT } as const;
    const steps = [failed, { name, state: 'running', startedAt: AT }, { name: 'Record', state: 'pending' }] as const;
    expect(stepsAtEnd(steps, well, LATER)).toEqual([
      failed,
      { name, state, startedAt: AT, endedAt: LATER },
      { name: 'Record', ...rest },
    ]);
  });

  it.each([
    ['Launch', true],
    ['Record', false],
    ['Undo', false],
    ['Other', false],
  ])('are overtaken by what went on: %s %s', (name, overtaken) => {
    const ended = { state: 'succeeded', startedAt: AT, endedAt: AT } as const;
    const steps = [
      { name: 'Launch', ...ended },
      { name: 'Undo', ...ended },
      { name: 'Record', state: 'running', startedAt: AT } as const,
    ];
    expect(isOvertaken({ steps }, name)).toBe(overtaken);
  });

  it('never run two at once, and none runs at the end', () => {
    const names = fc.constantFrom('Launch', 'Await Ready', 'Undo Launch', 'Pull The Plug', 'Undo');
    fc.assert(
      fc.property(fc.array(names), fc.boolean(), (order, well) => {
        let steps = stepsAtBegin([], 'Launch', AT);
        for (const name of order) {
          if (!isOvertaken({ steps }, name)) steps = stepsAtBegin(steps, name, AT);
          expect(steps.filter(({ state }) => state === 'running')).toHaveLength(1);
        }
        expect(stepsAtEnd(steps, well, AT).some(({ state }) => state === 'running' || state === 'pending')).toBe(false);
      }),
    );
  });
});

describe('a wait', () => {
  it.each([
    ['Launch', 'running', undefined, true],
    ['Launch', 'pending', undefined, false],
    ['Launch', 'running', 'c-1', false],
    ['Start', 'running', undefined, true],
    ['Remove', 'deleted', undefined, true],
    ['Remove', 'deleted', 'c-1', false],
    ['Ask To Stop', 'stopped', 'c-1', true],
    ['Pull The Plug', 'stopped', 'c-1', true],
    ['Ask To Stop', 'running', undefined, false],
    ['Reboot', 'running', undefined, false],
  ] as const)('of %s is reached by a VM seen %s (command %s): %s', (step, state, commandId, reached) => {
    expect(isReached({ step, commandId }, state)).toBe(reached);
  });

  it('is looked at three times, a stop last when its grace is over', () => {
    const looks = (step: string, grace: number) => [0, 1, 2, 3, 4].map((look) => lookAfter(step, look, grace));
    expect(looks('Start', 60)).toEqual([15, 45, 120, undefined, undefined]);
    expect(looks('Ask To Stop', 60)).toEqual([15, 45, 60, undefined, undefined]);
    expect(looks('Ask To Stop', 5)).toEqual([5, undefined, undefined, undefined, undefined]);
    expect(looks('Ask To Stop', 45)).toEqual([15, 45, undefined, undefined, undefined]);
    expect(looks('Ask To Stop', 600)).toEqual([15, 45, 120, 600, undefined]);
  });
});

describe('readiness', () => {
  const judged = (status: 'true' | 'false' | 'unknown', at: string, startedAt?: string) =>
    isJudged(aVm({ ready: { status, reason: 'x', message: 'x', at } }), startedAt === undefined ? {} : { startedAt });

  it.each([
    ['true', LATER, AT, true],
    ['false', AT, AT, true],
    ['unknown', LATER, AT, false],
    ['true', AT, LATER, false],
    ['true', AT, undefined, false],
  ] as const)('%s at %s of an operation since %s is judged: %s', (status, at, since, is) => {
    expect(judged(status, at, since)).toBe(is);
  });

  it('is what running means where a provider tells of none', () => {
    expect(runningMeansReady(AT)).toEqual({
      status: 'true',
      reason: 'Running',
      message: 'The provider says running.',
      at: AT,
    });
  });
});

describe('the error of a task', () => {
  it.each([
    ['DiskFull', JSON.stringify({ errorType: 'DiskFull', errorMessage: 'full' }), 'DiskFull', 'full'],
    ['DiskFull', undefined, 'DiskFull', ''],
    ['States.Timeout', undefined, 'TimedOut', 'No answer came in time.'],
    ['TypeError', 'not JSON', 'Internal', 'TypeError: not JSON'],
    ['States.Timeout', JSON.stringify({ errorMessage: 'late' }), 'TimedOut', 'late'],
    ['toString', 'null', 'Internal', 'toString: null'],
    ['Lambda.Unknown', '"a"', 'Internal', 'Lambda.Unknown: "a"'],
    ['Lambda.Unknown', '{"a":1}', 'Internal', 'Lambda.Unknown: {"a":1}'],
  ])('%s (%s) is our %s: %s', (name, cause, fault, detail) => {
    const read = faultOf({ Error: name, ...(cause === undefined ? {} : { Cause: cause }) });
    expect([read.name, read.message]).toEqual([fault, detail]);
  });
});
