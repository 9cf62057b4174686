import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambdas/domain/operation.ts';
import { faultOf, isOvertaken, isReached, lookAfter, stepsAtBegin, stepsAtEnd } from '../../lambdas/domain/progress.ts';

const AT = '2026-11-25T12:00:00.000Z';
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
    expect(looks('Ask To Stop', 600)).toEqual([15, 45, 120, 600, undefined]);
  });
});

describe('the error of a task', () => {
  it.each([
    ['DiskFull', JSON.stringify({ errorType: 'DiskFull', errorMessage: 'full' }), 'DiskFull', 'full'],
    ['DiskFull', undefined, 'DiskFull', ''],
    ['States.Timeout', undefined, 'TimedOut', 'No answer came in time.'],
    ['TypeError', 'not JSON', 'Internal', 'TypeError: not JSON'],
    ['Lambda.Unknown', '{"a":1}', 'Internal', 'Lambda.Unknown: {"a":1}'],
  ])('%s (%s) is our %s: %s', (name, cause, fault, detail) => {
    const read = faultOf({ Error: name, ...(cause === undefined ? {} : { Cause: cause }) });
    expect([read.name, read.message]).toEqual([fault, detail]);
  });
});
