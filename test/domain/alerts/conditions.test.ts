import { describe, expect, it } from 'vitest';
import { namesText } from '../../../lambdas/domain/alerts/condition.ts';
import { isHostAlerting } from '../../../lambdas/domain/alerts/host-conditions.ts';
import { lateBehind } from '../../../lambdas/domain/alerts/noted-conditions.ts';
import { isVmAlerting, placeLabels, vmConditions } from '../../../lambdas/domain/alerts/vm-conditions.ts';
import { troubleOf } from '../../../lambdas/domain/report.ts';
import type { Vm } from '../../../lambdas/domain/vm.ts';
import { VmState } from '../../../lambdas/domain/vm-state.ts';
import { newHost, newVm } from '../../support/api.ts';

const AT = '2026-11-25T10:00:00.000Z';
const of = (state: VmState, reason = 'NotRunning', more: Partial<Vm> = {}): Vm =>
  newVm({ state, desired: 'running', ready: { status: 'false', reason, message: 'm', at: AT }, ...more });
const UP = { schedule: { id: 'sch-1', name: 'office', graceMinutes: 10 }, want: 'up', at: 0, because: 'b' } as const;
const verdicts = (vm: Vm, plan?: Parameters<typeof vmConditions>[1]) =>
  Object.fromEntries(vmConditions(vm, plan).map(({ labels, verdict }) => [labels.alertname, verdict]));

describe('what a VM’s row says of alerts', () => {
  it.each(VmState.options)('is one word for each alert where it is %s', (state) => {
    expect({ [state]: [verdicts(of(state, 'Crashed'), UP), verdicts(of(state), UP)] }).toMatchSnapshot();
  });

  it('is nothing new where only what is unknown changes, so that an operation makes no noise', () => {
    const lock = { operationId: 'op-1', reason: 'stop-vm', by: 't', since: AT, expiresAt: AT };
    const way = [
      of('running'),
      of('stopping', 'NotRunning', { desired: 'stopped', lock }),
      of('stopped', 'NotRunning', { desired: 'stopped' }),
      of('pending', 'NotRunning', { lock }),
      of('running'),
      of('unknown', 'HostSilent'),
      of('running'),
    ];
    expect(way.slice(1).map((after, index) => isVmAlerting(way[index], after))).toEqual(Array(6).fill(false));
  });

  it('is new where one begins, ends, or is called otherwise', () => {
    const [well, lost] = [of('running'), of('lost')];
    expect(isVmAlerting(well, lost)).toBe(true);
    expect(isVmAlerting(lost, well)).toBe(true);
    expect(isVmAlerting(lost, undefined)).toBe(true);
    expect(isVmAlerting(undefined, lost)).toBe(true);
    expect(isVmAlerting(lost, { ...lost, name: 'other' })).toBe(true);
    expect(isVmAlerting(lost, { ...lost, tags: { a: 'b' } })).toBe(false);
    expect(isVmAlerting(well, of('stopped'))).toBe(true);
    expect(isVmAlerting(well, of('error', 'Crashed'))).toBe(true);
    expect(isVmAlerting(undefined, well)).toBe(false);
  });

  it('says where it is', () => {
    expect(placeLabels({ provider: 'ec2', location: { region: 'eu-central-1', zone: 'a' } })).toEqual({
      provider: 'ec2',
      region: 'eu-central-1',
    });
    expect(placeLabels({ provider: 'kvm', location: { hostId: 'h-1' } })).toEqual({
      host: 'h-1',
      host_id: 'h-1',
      provider: 'kvm',
    });
  });

  it('names the disk and the cause of a pause, and the line that ends it', () => {
    const vm = of('suspended', 'PausedOnIoError', {
      providerId: 'u-1',
      location: { hostId: 'h-1', hostName: 'rack-1' },
    });
    const message = 'The VM is suspended: PausedOnIoError (enospc on /p/a).';
    const told = vmConditions({ ...vm, ready: { ...vm.ready, message } }, undefined);
    const paused = told.find(({ labels }) => labels.alertname === 'VmPausedOnIoError');
    expect(paused?.annotations.description).toContain(message);
    expect(paused?.annotations.description).toContain('make room on rack-1');
    expect(paused?.annotations.description).toContain('virsh resume u-1\n');
  });

  it('is a trouble by what libvirt gives as reason', () => {
    expect(troubleOf('error', 'x')).toEqual({ reason: 'Crashed' });
    expect(troubleOf('stopped', 'crashed')).toEqual({ reason: 'Crashed' });
    expect(troubleOf('suspended', 'crashed')).toEqual({ reason: 'Crashed' });
    expect(troubleOf('suspended', 'ioerror')).toEqual({ reason: 'PausedOnIoError' });
    expect(troubleOf('suspended', 'ioerror: enospc on /p/a')).toEqual({
      reason: 'PausedOnIoError',
      cause: 'enospc on /p/a',
    });
    expect(troubleOf('suspended', 'ioerrors')).toBeUndefined();
    expect(troubleOf('suspended', 'user')).toBeUndefined();
    expect(troubleOf('running', 'crashed')).toBeUndefined();
  });
});

describe('what a host’s row says of alerts', () => {
  const { facts, ...host } = newHost();
  const withFree = (freeGiB: number) =>
    facts ? { ...host, facts: { ...facts, pool: { path: '/p', sizeGiB: 100, freeGiB } } } : host;

  it('is new where it falls silent, or its pool fills', () => {
    expect(isHostAlerting(withFree(50), { ...withFree(50), state: 'unreachable' })).toBe(true);
    expect(isHostAlerting(withFree(50), withFree(4))).toBe(true);
    expect(isHostAlerting(withFree(50), withFree(40))).toBe(false);
    expect(isHostAlerting(host, { ...host, state: 'retired' })).toBe(false);
    expect(isHostAlerting(undefined, host)).toBe(false);
  });
});

it('names ten, and counts the rest', () => {
  const names = Array.from({ length: 12 }, (_, index) => `vm-${String(index).padStart(2, '0')}`);
  expect(namesText(names.slice(0, 2))).toBe('vm-00, vm-01');
  expect(namesText(names)).toMatch(/^vm-00, .*, vm-09 and 2 more$/);
});

it('knows none late by a look of before', () => {
  expect(lateBehind({ startsAt: AT }, {})).toBeUndefined();
});
