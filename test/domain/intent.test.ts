import { describe, expect, it } from 'vitest';
import type { Asked } from '../../lambdas/domain/asked.ts';
import { intentOf, locked, underWay } from '../../lambdas/domain/intent.ts';
import type { VmOperationKind } from '../../lambdas/domain/vm.ts';
import { aHost, aSpec, aVm } from '../support/kvm.ts';
import { anOperation } from '../support/world.ts';

const AT = '2026-11-25T10:00:00.000Z';
const ASKED: Asked = {
  by: { id: 'token:t', name: 't', project: 'shop', role: 'operator', system: false },
  action: 'stop-vm',
  from: '192.0.2.7',
  requestId: 'r',
  at: AT,
  hash: 'hash',
};
const ID = 'op-00000000000000000000000000';

const COMMON = {
  id: ID,
  state: 'queued',
  by: 'token:t',
  requestHash: 'hash',
  attempt: 0,
  cancelRequested: false,
  createdAt: AT,
  version: 1,
};
const pending = (...names: string[]) => names.map((name) => ({ name, state: 'pending' }));

describe('the intent', () => {
  it('of a change remembers the VM as it was', () => {
    const vm = aVm({ state: 'running', desired: 'running', project: 'shop', spec: aSpec({ imageId: 'img-1' }) });
    expect(intentOf(ID, ASKED, { kind: 'stop-vm', vm, input: { graceSeconds: 60 } })).toEqual({
      ...COMMON,
      project: 'shop',
      kind: 'stop-vm',
      vmId: vm.id,
      vmName: vm.name,
      provider: 'kvm',
      hostId: vm.location.hostId,
      input: { graceSeconds: 60 },
      before: { state: 'running', desired: 'running' },
      steps: pending('Ask To Stop', 'Record'),
    });
  });

  it('of a create has nothing before it, and names host and image', () => {
    const vm = aVm({ location: {}, state: 'pending', spec: aSpec({ imageId: 'img-1' }) });
    const host = aHost({ id: 'h-1' });
    expect(intentOf(ID, ASKED, { kind: 'create-vm', vm, host, input: { a: 1 } })).toEqual({
      ...COMMON,
      project: 'default',
      kind: 'create-vm',
      vmId: vm.id,
      vmName: vm.name,
      provider: 'kvm',
      hostId: 'h-1',
      input: { a: 1, imageId: 'img-1' },
      steps: pending('Launch', 'Await Ready', 'Record'),
    });
  });

  it('of a create without an image of ours, or a host, has neither', () => {
    const vm = aVm({ provider: 'ec2', location: { region: 'r' }, spec: aSpec() });
    const intent = intentOf(ID, ASKED, { kind: 'create-vm', vm, input: {} });
    expect(intent.input).toEqual({});
    expect(intent).not.toHaveProperty('hostId');
    const { spec: _, ...found } = vm;
    expect(intentOf(ID, ASKED, { kind: 'create-vm', vm: found, input: { a: 1 } }).input).toEqual({ a: 1 });
  });

  it('of an enrolment has a host alone, and is the installation’s', () => {
    expect(intentOf(ID, ASKED, { kind: 'enrol-host', host: aHost({ id: 'h-1' }), input: {} })).toEqual({
      ...COMMON,
      project: 'default',
      kind: 'enrol-host',
      hostId: 'h-1',
      input: {},
      steps: pending('Prepare Host', 'Record'),
    });
  });

  it('lies on the host that the VM is on', () => {
    const vm = aVm({ location: { hostId: 'h-2' } });
    expect(intentOf(ID, ASKED, { kind: 'undelete-vm', vm, host: aHost({ id: 'h-1' }), input: {} }).hostId).toBe('h-2');
  });
});

it('a lock says who holds the VM for what, for two hours', () => {
  const operation = anOperation(1, { kind: 'stop-vm', by: 'token:t', createdAt: AT });
  const vm = aVm();
  expect(locked(vm, operation)).toEqual({
    ...vm,
    lock: {
      operationId: operation.id,
      reason: 'stop-vm',
      by: 'token:t',
      since: AT,
      expiresAt: '2026-11-25T12:00:00.000Z',
    },
  });
});

it.each<[VmOperationKind, string, string]>([
  ['start-vm', 'pending', 'running'],
  ['stop-vm', 'stopping', 'stopped'],
  ['reboot-vm', 'running', 'deleted'],
  ['reset-vm', 'running', 'deleted'],
  ['delete-vm', 'deleting', 'deleted'],
  ['undelete-vm', 'pending', 'stopped'],
])('%s under way: the VM is %s, and meant to be %s', (kind, state, desired) => {
  // What an operation does not decide stays as it was.
  const vm = aVm({ state: 'error', desired: 'deleted' });
  const operation = anOperation(1, { kind, createdAt: '2026-11-25T11:00:00.000Z' });
  expect(underWay(vm, operation, kind)).toEqual({
    ...locked(vm, operation),
    state,
    desired,
    lastState: 'error',
    changedAt: '2026-11-25T11:00:00.000Z',
  });
});
