import { describe, expect, it } from 'vitest';
import type { Operation } from '../../lambdas/domain/operation.ts';
import { freedBy, learn, vmAfterFailure, vmAfterSuccess } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';

const AT = '2026-11-25T12:00:00.000Z';
const READY = { status: 'true', reason: 'AgentAnswers', message: 'ok', at: AT } as const;
const UNREADY = { status: 'unknown', reason: 'Starting', message: 'x', at: AT } as const;
const SHARE = { vcpus: 2, memoryMiB: 2048, diskGiB: 10 };

const vmOf = (more: Partial<Vm> = {}): Vm => ({
  id: 'vm-0000000000000001',
  name: 'web-1',
  provider: 'kvm',
  managed: true,
  state: 'pending',
  desired: 'running',
  ready: UNREADY,
  location: { hostId: 'h-0000000000000001' },
  vcpus: 1,
  memoryMiB: 1024,
  disks: [],
  nics: [],
  addresses: ['192.0.2.1'],
  tags: {},
  deletionProtection: false,
  lock: { operationId: 'op', reason: 'x', by: 't', since: AT, expiresAt: AT },
  createdAt: AT,
  changedAt: AT,
  version: 1,
  ...more,
});

const operationOf = (kind: Operation['kind'], more: Partial<Operation> = {}): Operation => ({
  id: 'op-00000000000000000000000000',
  kind,
  state: 'running',
  by: 't',
  input: {},
  requestHash: 'x',
  steps: [],
  attempt: 1,
  wait: { step: 'Launch', token: 't', attempt: 1, since: AT },
  cancelRequested: false,
  createdAt: AT,
  version: 1,
  ...more,
});

describe('a VM whose operation went well', () => {
  it.each([
    ['create-vm', {}, 'running', 'running'],
    ['start-vm', { observed: { state: 'running' } }, 'running', 'running'],
    ['stop-vm', { observed: { state: 'stopped' } }, 'stopped', 'stopped'],
    ['reset-vm', {}, 'running', 'running'],
    ['reboot-vm', { observed: { state: 'stopping' } }, 'running', 'running'],
    ['undelete-vm', {}, 'stopped', 'stopped'],
    ['delete-vm', { observed: { state: 'deleting' } }, 'deleted', 'deleted'],
    ['delete-vm', {}, 'deleted', 'deleted'],
    ['delete-vm', { observed: { state: 'running' } }, 'deleted', 'deleted'],
    ['start-vm', { observed: { state: 'pending' } }, 'running', 'running'],
    ['start-vm', { observed: { state: 'stopped' } }, 'stopped', 'stopped'],
    ['stop-vm', { observed: { state: 'deleting' } }, 'stopped', 'stopped'],
    ['enrol-host', {}, 'running', 'running'],
  ] as const)('%s (%j) is %s, and meant to be %s', (kind, outcome, state, desired) => {
    const after = vmAfterSuccess(kind, vmOf({ lastState: 'running' }), outcome, AT);
    expect(after).toMatchObject({ state, desired, addresses: state === 'running' ? ['192.0.2.1'] : [] });
    expect(after.lock ?? after.lastState).toBeUndefined();
    if (state === 'running') return;
    expect(after.ready).toEqual({ status: 'false', reason: 'NotRunning', message: `The VM is ${state}.`, at: AT });
  });

  it.each([
    ['what the step found', { ready: READY }, UNREADY, 'true'],
    ['what the row says', {}, READY, 'true'],
    ['not in time', { unready: 'Nothing was heard.' }, UNREADY, 'false'],
    ['what a report said in the last moment', { unready: 'Nothing was heard.' }, READY, 'true'],
  ] as const)('is ready by %s', (_, outcome, ready, status) => {
    expect(vmAfterSuccess('create-vm', vmOf({ ready }), outcome, AT).ready.status).toBe(status);
  });

  it('that was not ready in time says what was heard', () => {
    expect(vmAfterSuccess('create-vm', vmOf(), { unready: 'Nothing was heard.' }, AT).ready).toEqual({
      status: 'false',
      reason: 'NotReadyInTime',
      message: 'Nothing was heard.',
      at: AT,
    });
  });

  it.each([
    ['create-vm', 'error', 'Crashed'],
    ['enrol-host', 'error', 'Crashed'],
    ['reset-vm', 'error', 'Crashed'],
    ['reboot-vm', 'error', 'Crashed'],
    // It began so, and what it has come to since was not told yet.
    ['start-vm', 'running', 'AgentAnswers'],
  ] as const)('by %s and was seen to crash meanwhile is %s', (kind, state, reason) => {
    const outcome = { observed: { state: 'running' }, ready: READY } as const;
    const after = vmAfterSuccess(kind, vmOf({ lastState: 'error' }), outcome, AT);
    expect(after).toMatchObject({ state, ready: { reason, at: AT } });
    expect(after.lastState).toBeUndefined();
  });

  it.each(['stop-vm', 'delete-vm'] as const)('by %s and was seen to crash meanwhile is what it was to be', (kind) => {
    expect(vmAfterSuccess(kind, vmOf({ lastState: 'error' }), {}, AT).state).toBe(
      kind === 'stop-vm' ? 'stopped' : 'deleted',
    );
  });

  it('keeps the end of what is kept, and loses it once it is brought back', () => {
    expect(vmAfterSuccess('delete-vm', vmOf(), {}, AT, AT).retainedUntil).toBe(AT);
    expect(vmAfterSuccess('undelete-vm', vmOf({ retainedUntil: AT }), {}, AT)).not.toHaveProperty('retainedUntil');
  });
});

describe('a VM whose operation failed', () => {
  it.each([
    ['stop-vm', 'running', undefined, 'running'],
    ['stop-vm', 'stopping', 'running', 'running'],
    ['start-vm', undefined, 'stopped', 'stopped'],
    ['start-vm', undefined, undefined, 'unknown'],
    ['start-vm', 'pending', undefined, 'pending'],
    ['stop-vm', 'stopped', 'running', 'stopped'],
    ['create-vm', 'running', undefined, 'deleted'],
    ['enrol-host', 'running', undefined, 'running'],
  ] as const)('%s, seen %s, before %s, is %s', (kind, seen, lastState, state) => {
    const operation = operationOf(kind, { state: 'failed' });
    const vm = vmOf(lastState === undefined ? {} : { lastState });
    expect(vmAfterFailure(operation, vm, seen, AT)).toMatchObject({ state });
  });

  it('has no address left where it was never made, and is free again', () => {
    const after = vmAfterFailure(operationOf('create-vm', { state: 'failed' }), vmOf(), undefined, AT);
    expect(after).toMatchObject({ state: 'deleted', desired: 'deleted', addresses: [], changedAt: AT });
    expect(after).not.toHaveProperty('lock');
  });

  it('stays held while its undo is to come, and is for a person to delete where that fails for good', () => {
    const vm = vmOf();
    expect(vmAfterFailure(operationOf('create-vm', { state: 'undo-pending' }), vm, undefined, AT)).toBe(vm);
    const given = vmAfterFailure(operationOf('create-vm', { state: 'needs-attention' }), vm, undefined, AT);
    expect(given).toMatchObject({ state: 'error' });
    expect(given.lock).toBeUndefined();
  });
});

describe('what a VM gives back to its host', () => {
  it.each<[string, Partial<Vm>, Partial<Vm>, object]>([
    ['all of it when it is purged', {}, {}, SHARE],
    ['all but its disk when that is kept', {}, { retainedUntil: AT }, { ...SHARE, diskGiB: 0 }],
    ['all of it where it was not even brought back', { state: 'pending' }, {}, SHARE],
    [
      'its disk when its time is over',
      { state: 'deleting', retainedUntil: AT },
      {},
      { vcpus: 0, memoryMiB: 0, diskGiB: 10 },
    ],
    [
      'what it was promised again, where it does not come back',
      { state: 'pending', retainedUntil: AT },
      { retainedUntil: AT },
      { ...SHARE, diskGiB: 0 },
    ],
  ])('%s', (_, before, after, freed) => {
    expect(freedBy(vmOf(before), vmOf({ ...after, state: 'deleted' }), SHARE)).toEqual(freed);
  });

  it('is nothing while it is there, or where it has no host', () => {
    expect(freedBy(vmOf(), vmOf({ state: 'stopped' }), SHARE)).toBeUndefined();
    expect(freedBy(vmOf({ location: { region: 'r' } }), vmOf({ state: 'deleted' }), SHARE)).toBeUndefined();
  });
});

it('learns what a provider tells, but neither the state nor what is the user’s', () => {
  const told = { providerId: 'i-1', state: 'running', name: 'x', tags: { a: 'b' }, location: { zone: 'z' } } as const;
  const after = learn(vmOf(), told);
  expect(after).toMatchObject({ providerId: 'i-1', state: 'pending', name: 'web-1', tags: {} });
  expect(after.location).toEqual({ hostId: 'h-0000000000000001', zone: 'z' });
});
