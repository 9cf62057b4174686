import { describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import { stepsAtBegin } from '../../lambdas/domain/progress.ts';
import { operationAfterFailure, operationAfterSuccess } from '../../lambdas/domain/settlement.ts';
import { anOperation } from '../support/world.ts';

const AT = '2026-11-25T12:00:00.000Z';
const READY = { status: 'true', reason: 'AgentAnswers', message: 'ok', at: AT } as const;

const operationOf = (kind: Operation['kind'], more: Partial<Operation> = {}): Operation => {
  const wait = { step: 'Launch', token: 't', attempt: 1, since: AT };
  const { endedAt: _, ...open } = anOperation(1, { kind, state: 'running', steps: [], wait, ...more });
  return open;
};

describe('an operation', () => {
  const fault = new Fault('SpecRefused', 'no');

  it.each([
    [fault, undefined, 'failed'],
    [new Fault('Cancelled', 'by t'), undefined, 'cancelled'],
    [fault, new Fault('HostUnreachable', 'away'), 'undo-pending'],
    [fault, new Fault('TimedOut', 'slow'), 'undo-pending'],
    [fault, new Fault('HostFault', 'broken'), 'needs-attention'],
  ])('that failed by %s (undo: %s) is %s', (failure, trouble, state) => {
    const after = operationAfterFailure(operationOf('create-vm'), { fault: failure, trouble }, AT);
    expect(after).toMatchObject({ state, error: { name: failure.name } });
    expect(after.wait).toBeUndefined();
    expect(after.endedAt).toBe(state === 'undo-pending' ? undefined : AT);
  });

  it('tells with the step that asked what its provider said, and with Await Ready what is known of that', () => {
    const planned = ['Launch', 'Await Ready', 'Record'].map((name) => ({ name, state: 'pending' as const }));
    const steps = stepsAtBegin(stepsAtBegin(planned, 'Launch', AT), 'Await Ready', AT);
    const detailsOf = (outcome: object) =>
      operationAfterSuccess(operationOf('create-vm', { steps }), outcome, AT).steps.map(({ detail }) => detail);
    expect(detailsOf({ detail: 'booted', unready: 'Nothing.' })).toEqual(['booted', 'Nothing.', undefined]);
    expect(detailsOf({ ready: { ...READY, status: 'false', reason: 'NotReadyInTime', message: 'm' } })).toEqual([
      undefined,
      'NotReadyInTime: m',
      undefined,
    ]);
    expect(detailsOf({ ready: READY })).toEqual([undefined, undefined, undefined]);
  });

  it('leaves the words of a step alone where nothing is known of it', () => {
    const steps = [
      { name: 'Launch', state: 'succeeded' as const, startedAt: AT, endedAt: AT, detail: 'was' },
      { name: 'Undo Launch', state: 'failed' as const, startedAt: AT, endedAt: AT },
    ];
    const end = (outcome: object) => operationAfterSuccess(operationOf('create-vm', { steps }), outcome, AT);
    expect(end({})).toMatchObject({ state: 'succeeded', steps });
    expect(end({}).steps[1]).not.toHaveProperty('detail');
    expect(end({ detail: 'booted' }).steps.map(({ detail }) => detail)).toEqual(['booted', undefined]);
  });

  it('ends the step that runs, by how it went', () => {
    const steps = [{ name: 'Launch', state: 'running' as const, startedAt: AT }];
    const operation = operationOf('create-vm', { steps });
    expect(operationAfterSuccess(operation, {}, AT)).toMatchObject({ endedAt: AT, steps: [{ state: 'succeeded' }] });
    expect(operationAfterFailure(operation, { fault }, AT)).toMatchObject({
      endedAt: AT,
      steps: [{ state: 'failed' }],
    });
    const trouble = new Fault('HostUnreachable', 'away');
    expect(operationAfterFailure(operation, { fault, trouble }, AT).steps).toEqual(steps);
  });

  it('says why it could not be undone', () => {
    const trouble = new Fault('HostFault', 'broken');
    const detail = 'no It could not be undone: HostFault, broken';
    expect(operationAfterFailure(operationOf('create-vm'), { fault, trouble }, AT).error).toEqual({
      name: 'SpecRefused',
      detail,
    });
    expect(operationAfterFailure(operationOf('create-vm'), { fault }, AT).error?.detail).toBe('no');
  });

  it('that goes well after all has no error left', () => {
    const before = operationOf('create-vm', { error: { name: 'HostUnreachable', detail: 'away' } });
    expect(operationAfterSuccess(before, {}, AT).error).toBeUndefined();
  });
});
