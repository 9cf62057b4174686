import { describe, expect, it } from 'vitest';
import { strangerIdOf } from '../../lambdas/domain/ids.ts';
import { observe, rowOf, strangerId } from '../../lambdas/domain/observation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import type { VmState } from '../../lambdas/domain/vm-state.ts';
import { observed as FULL } from '../support/full-rows.ts';
import { AT, BEFORE, known, look } from '../support/looks.ts';
import { lockBy } from '../support/plants.ts';

const HOST = 'h-0123456789abcdef';

describe('a VM that is seen for the first time', () => {
  it('is a stranger, read-only, under the id that it has at every look', () => {
    expect(rowOf('dev', look(), AT)).toEqual({
      ...look(),
      id: strangerIdOf('dev', `${HOST}/i-1`),
      provider: 'kvm',
      managed: false,
      desired: 'running',
      ready: { status: 'unknown', reason: 'NotWatched', message: 'Readiness is watched for VMs made here.', at: AT },
      deletionProtection: false,
      createdAt: AT,
      changedAt: AT,
      observedAt: AT,
      version: 1,
    });
    expect(strangerId('dev', { providerId: 'i-1', location: { region: 'eu-central-1' } })).toBe(
      strangerIdOf('dev', 'eu-central-1/i-1'),
    );
  });

  it('is ours by our mark', () => {
    expect(rowOf('dev', FULL, AT)).toMatchObject({ id: FULL.vmId, managed: true });
  });

  it('is of EC2 where it has no host, and meant to be as it is', () => {
    const { instanceType: ___, ...plain } = look({ location: { region: 'r' }, state: 'stopped' });
    expect(rowOf('dev', plain, AT)).toMatchObject({ provider: 'ec2', state: 'stopped', desired: 'stopped' });
    expect(rowOf('dev', plain, AT)).not.toHaveProperty('instanceType');
    expect(rowOf('dev', look({ state: 'suspended' }), AT).desired).toBe('running');
  });
});

describe('a VM that is seen again', () => {
  it('is the same object where nothing is new', () => {
    const vm = known();
    expect(observe(vm, look(), AT)).toBe(vm);
  });

  it('learns what is new, but for what is the user’s', () => {
    const vm = known({ location: { hostId: HOST, account: 'old' } });
    const after = observe(vm, look({ vcpus: 9, location: { hostId: HOST, hostName: 'new' }, tags: { a: 'b' } }), AT);
    expect(after).toEqual({ ...vm, vcpus: 9, location: { ...vm.location, hostName: 'new' }, observedAt: AT });
    expect(after).toMatchObject({ name: 'web-1', tags: {}, location: { account: '123456789012' }, changedAt: BEFORE });
  });

  it('has name and tags of its place where it is a stranger', () => {
    const after = observe(known({ managed: false }), look({ name: 'new', tags: { c: 'd' } }), AT);
    expect(after).toMatchObject({ name: 'new', tags: { c: 'd' } });
  });

  it('keeps its disks where none are told, and loses its addresses', () => {
    const vm = known();
    const after = observe(vm, look({ disks: [], addresses: [], nics: [] }), AT);
    expect(after).toMatchObject({ disks: vm.disks, addresses: [], nics: [] });
  });

  it.each<[Partial<Vm>, VmState, VmState]>([
    [{}, 'stopped', 'stopped'],
    [{}, 'deleted', 'lost'],
    [{ managed: false }, 'deleted', 'deleted'],
    [{ state: 'deleted' }, 'running', 'deleted'],
    [{ state: 'lost' }, 'running', 'running'],
  ])('of %j, seen %s, is %s', (vm, seen, state) => {
    const before = known(vm);
    const after = observe(before, look({ state: seen, vcpus: 9 }), AT);
    expect(after.state).toBe(state);
    expect(after.changedAt).toBe(before.state === state ? BEFORE : AT);
  });

  it('forgets what it was while nobody knew', () => {
    expect(observe(known({ state: 'unknown', lastState: 'running' }), look(), AT)).not.toHaveProperty('lastState');
  });

  it('says the trouble that it is in, also where it was not ready before, and once', () => {
    const ready = { status: 'false', reason: 'NotRunning', message: 'm', at: BEFORE } as const;
    const paused = look({ state: 'suspended', reason: 'PausedOnIoError', cause: 'enospc on /p/a' });
    const seen = observe(known({ state: 'suspended', ready }), paused, AT);
    const message = 'The VM is suspended: PausedOnIoError (enospc on /p/a).';
    expect(seen.ready).toEqual({ status: 'false', reason: 'PausedOnIoError', message, at: AT });
    expect(observe(seen, paused, '2026-11-25T13:00:00.000Z')).toBe(seen);
    const { cause: _, ...bare } = paused;
    expect(observe(seen, bare, '2026-11-25T13:00:00.000Z')).toBe(seen);
  });

  it('is not ready once it does not run', () => {
    const ready = { status: 'true', reason: 'AgentAnswers', message: 'm', at: BEFORE } as const;
    const lacking = { ...ready, status: 'unknown' } as const;
    const readyOf = (vm: Partial<Vm>, state: VmState) => observe(known(vm), look({ state, vcpus: 9 }), AT).ready;
    expect(readyOf({ ready }, 'stopped')).toEqual({
      status: 'false',
      reason: 'NotRunning',
      message: 'The VM is stopped.',
      at: AT,
    });
    expect(readyOf({ ready }, 'running')).toEqual(ready);
    expect(readyOf({ ready: lacking }, 'stopped')).toEqual(lacking);
  });

  it('keeps the state of the operation that holds it, with what was seen beside it', () => {
    const after = observe(
      known({ ...lockBy('op'), state: 'stopping', lastState: 'running' }),
      look({ state: 'stopped' }),
      AT,
    );
    expect(after).toMatchObject({ state: 'stopping', lastState: 'stopped', changedAt: BEFORE });
  });
});
