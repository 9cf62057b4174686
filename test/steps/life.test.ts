import { SendTaskFailureCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault, type FaultName } from '../../lambdas/domain/faults.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { cancel } from '../../lambdas/runtime/cancel.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as names from '../../lambdas/store/names.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as plane from '../../lambdas/store/plane.ts';
import { save } from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertHost, insertVm, newHost, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { leaves } from '../support/audited.ts';
import { useFake } from '../support/fake-providers.ts';
import { instancesChanged } from '../support/heard.ts';
import { aSpec } from '../support/kvm.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

let table: StateTable;
let workflows: Workflows;
let fake: FakeProvider;
beforeEach(() => {
  table = new StateTable();
  workflows = new Workflows();
  fake = useFake(new FakeProvider({ name: 'ec2', progress: 'manual' }));
});

const EC2 = { provider: 'ec2', location: { region: 'eu-central-1' } } as const;

const beginCreate = (more: Partial<Vm> = {}) =>
  begin('create-vm', newVm({ ...EC2, state: 'pending', ...more }), { readyTimeoutSeconds: 60 });

/** What EC2's event does: the fake comes true, and the listener hears of it. */
const eventComes = async (id = newVm().id): Promise<void> => {
  fake.settle(id);
  await instancesChanged({ account: '123456789012', region: 'eu-central-1', detail: { 'instance-id': `fake-${id}` } });
};

const outcome = async ({ id }: Operation) => {
  const { state, error, steps } = await operations.get(id);
  return { state, error: error?.name, steps: steps.map((step) => `${step.name} ${step.state}`) };
};

const running = async (): Promise<Vm> => {
  await beginCreate();
  await workflows.runLast(() => eventComes());
  return vms.get(newVm().id);
};

describe('create', () => {
  it('ends with a running VM that is free, known and ready', async () => {
    const operation = await beginCreate();
    const went = await workflows.runLast(() => eventComes());
    expect(went).toMatchObject({ status: 'SUCCEEDED', transitions: 3 });
    const vm = await vms.get(newVm().id);
    expect(vm).toMatchObject({ state: 'running', providerId: `fake-${vm.id}`, ready: { status: 'true' } });
    expect(vm).toMatchObject({ addresses: ['192.0.2.10'] });
    expect(vm.lock).toBeUndefined();
    expect(await outcome(operation)).toEqual({
      state: 'succeeded',
      error: undefined,
      steps: ['Launch succeeded', 'Await Ready succeeded', 'Record succeeded'],
    });
    expect(await Array.fromAsync(opens.all())).toEqual([]);
  });

  it('makes one VM where the reply of the first call was lost', async () => {
    fake.failNext('create', new Fault('ProviderUnreachable', 'no reply'), { after: true });
    await beginCreate();
    const went = await workflows.runLast(() => eventComes());
    expect(went).toMatchObject({ status: 'SUCCEEDED', transitions: 4 });
    expect(fake.count(newVm().id)).toBe(1);
    expect(fake.calls.filter(({ method }) => method === 'create').map(({ ask }) => ask?.attempt)).toEqual([1, 2]);
  });

  it.each<FaultName>(['SpecRefused', 'CapacityUnavailable', 'ProviderDenied', 'DiskFull'])(
    'leaves nothing behind where it fails by %s',
    async (name) => {
      for (let tries = 0; tries < 5; tries += 1) fake.failNext('create', new Fault(name, 'as told'));
      const operation = await beginCreate();
      expect(await workflows.runLast()).toMatchObject({ status: 'FAILED', error: name });
      expect(await outcome(operation)).toMatchObject({ state: 'failed', error: name });
      expect(fake.count(newVm().id)).toBe(0);
      expect((await vms.get(newVm().id)).state).toBe('deleted');
      expect(await names.holderOf('vm', { name: 'web-1' })).toBeUndefined();
    },
  );

  it('undoes what runs already where nobody answers in time', async () => {
    const operation = await beginCreate();
    await workflows.runLast(async () => {
      fake.settle(newVm().id);
    });
    expect(await outcome(operation)).toMatchObject({ state: 'failed', error: 'TimedOut' });
    expect(fake.count(newVm().id)).toBe(0);
  });

  it('is undone when it is cancelled while it waits, and says so', async () => {
    const operation = await beginCreate();
    await workflows.runLast(async () => {
      await cancel(operation);
    });
    expect(await outcome(operation)).toEqual({
      state: 'cancelled',
      error: 'Cancelled',
      steps: ['Launch failed', 'Undo Launch succeeded', 'Await Ready skipped', 'Record skipped'],
    });
    expect(fake.count(newVm().id)).toBe(0);
  });

  it('leaves its undo alone when it is cancelled once more', async () => {
    const operation = await operations.get((await beginCreate()).id);
    const wait = { step: 'Undo Launch', token: 'token', attempt: 2, since: operation.createdAt };
    await operations.swap(operation, { ...operation, state: 'cancelling', cancelRequested: true, wait });
    expect(await cancel(operation)).toMatchObject({ state: 'cancelling' });
    expect(workflows.sfn.commandCalls(SendTaskFailureCommand)).toEqual([]);
  });

  it('does nothing at its provider when it is cancelled before it begins', async () => {
    const operation = await beginCreate();
    await cancel(operation);
    await workflows.runLast();
    expect(fake.calls.map(({ method }) => method)).not.toContain('create');
    expect(await outcome(operation)).toMatchObject({ state: 'cancelled' });
  });

  it('stays open and keeps its lock where it cannot be undone for now, until the sweeper has undone it', async () => {
    fake.failNext('create', new Fault('SpecRefused', 'no'));
    for (let tries = 0; tries < 5; tries += 1) fake.failNext('undoCreate', new Fault('HostUnreachable', 'away'));
    const operation = await beginCreate();
    await workflows.runLast();
    expect(await outcome(operation)).toMatchObject({ state: 'undo-pending', error: 'SpecRefused' });
    expect((await vms.get(newVm().id)).lock).toBeDefined();
    const { handler: sweep } = await import('../../lambdas/schedules/sweep-operations.ts');
    await sweep();
    expect(workflows.started.at(-1)).toMatchObject({ machine: 'undo-operation' });
    await workflows.runLast();
    expect(await outcome(operation)).toMatchObject({ state: 'failed', error: 'SpecRefused' });
    expect((await vms.get(newVm().id)).lock).toBeUndefined();
  });

  it('wants a person where the undo fails for good', async () => {
    leaves('NeedsAttention');
    fake.failNext('create', new Fault('SpecRefused', 'no'));
    fake.failNext('undoCreate', new Fault('ProviderDenied', 'not allowed'));
    const operation = await beginCreate();
    await workflows.runLast();
    expect(await outcome(operation)).toMatchObject({ state: 'needs-attention' });
    expect((await operations.get(operation.id)).error?.detail).toContain('not allowed');
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'error' });
  });
});

describe('a repeated or late call of a step', () => {
  it('asks nothing where its step has ended', async () => {
    const operation = await beginCreate();
    await workflows.runLast(() => eventComes());
    const calls = fake.calls.length;
    const { handler } = await import('../../lambdas/steps/launch-vm.ts');
    await handler({ execution: { operationId: operation.id }, step: 'Launch', token: 'late' });
    expect(fake.calls.length).toBe(calls);
  });

  it('records once', async () => {
    const operation = await beginCreate();
    await workflows.runLast(() => eventComes());
    const before = await operations.get(operation.id);
    const { handler } = await import('../../lambdas/steps/record-outcome.ts');
    const again = await handler({ execution: { operationId: operation.id }, fault: { Error: 'States.Timeout' } });
    expect(again).toEqual({ state: 'succeeded' });
    expect(await operations.get(operation.id)).toEqual(before);
  });

  it('hears a doubled event once', async () => {
    await beginCreate();
    const went = await workflows.runLast(async () => {
      await eventComes();
      await eventComes();
    });
    expect(went).toMatchObject({ status: 'SUCCEEDED', transitions: 3 });
    await eventComes();
    expect((await vms.get(newVm().id)).state).toBe('running');
  });
});

describe('stop', () => {
  it('waits for the guest', async () => {
    const operation = await begin('stop-vm', await running(), { graceSeconds: 60 });
    await workflows.runLast(() => eventComes());
    expect(await outcome(operation)).toMatchObject({ state: 'succeeded' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'stopped', desired: 'stopped', addresses: [] });
  });

  it('pulls the plug once the grace is over', async () => {
    const operation = await begin('stop-vm', await running(), { graceSeconds: 0 });
    await workflows.runLast(async (step) => {
      if (step === 'Pull The Plug') await eventComes();
    });
    expect(await outcome(operation)).toMatchObject({
      state: 'succeeded',
      steps: ['Ask To Stop failed', 'Pull The Plug succeeded', 'Record succeeded'],
    });
  });

  it('keeps the memory where that is asked for, and the VM is saved', async () => {
    const operation = await begin('stop-vm', await running(), { mode: 'save', graceSeconds: 600 });
    await workflows.runLast(() => eventComes());
    expect(await outcome(operation)).toMatchObject({ state: 'succeeded' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'saved', desired: 'stopped', addresses: [] });
  });

  it('pulls no plug where memory is to be kept, and says so', async () => {
    const operation = await begin('stop-vm', await running(), { mode: 'save', graceSeconds: 0 });
    const before = fake.calls.length;
    await workflows.runLast();
    expect(await outcome(operation)).toMatchObject({
      state: 'failed',
      steps: expect.arrayContaining(['Pull The Plug failed']),
    });
    expect((await operations.get(operation.id)).error).toMatchObject({
      name: 'GraceOver',
      detail: expect.stringContaining('did not save within 0 s, and is left as it is'),
    });
    expect(fake.calls.slice(before).map(({ method }) => method)).toEqual(['stop', 'describe']);
  });

  it('leaves the VM in the state it is seen in where it fails', async () => {
    const vm = await running();
    fake.failNext('stop', new Fault('ProviderDenied', 'no'));
    const operation = await begin('stop-vm', vm, { graceSeconds: 60 });
    await workflows.runLast();
    expect(await outcome(operation)).toMatchObject({ state: 'failed', error: 'ProviderDenied' });
    expect(await vms.get(vm.id)).toMatchObject({ state: 'running', desired: 'running' });
  });
});

describe('the other changes', () => {
  it('starts, reboots and resets', async () => {
    fake = useFake(new FakeProvider({ name: 'ec2' }));
    const vm = await running();
    for (const kind of ['stop-vm', 'start-vm', 'reboot-vm', 'reset-vm'] as const) {
      const operation = await begin(kind, await vms.get(vm.id));
      await workflows.runLast();
      expect(await outcome(operation), kind).toMatchObject({ state: 'succeeded' });
    }
    expect((await vms.get(vm.id)).state).toBe('running');
  });

  it('deletes, keeps for a while, and brings back', async () => {
    fake = useFake(new FakeProvider());
    await insertHost(newHost({ allocated: { vcpus: 1, memoryMiB: 1024, diskGiB: 8 } }));
    const vm = await insertVm(newVm({ spec: aSpec() }));
    await fake.create(vm, {}, { operationId: 'op', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' });
    await begin('delete-vm', vm);
    await workflows.runLast();
    const deleted = await vms.get(vm.id);
    expect(deleted).toMatchObject({ state: 'deleted', desired: 'deleted', retainedUntil: expect.any(String) });
    expect((await hosts.get('h-0000000000000001')).allocated).toMatchObject({ vcpus: 0, memoryMiB: 0 });
    await begin('undelete-vm', deleted);
    await workflows.runLast();
    const back = await vms.get(vm.id);
    expect(back).toMatchObject({ state: 'stopped', desired: 'stopped' });
    expect(back.retainedUntil).toBeUndefined();
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 1, memoryMiB: 1024, diskGiB: 8 });
  });

  it('takes back the room of a kept VM that does not come back', async () => {
    fake = useFake(new FakeProvider());
    await insertHost(newHost({ allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 8 } }));
    const kept = await insertVm(newVm({ state: 'deleted', retainedUntil: '2099-01-01T00:00:00.000Z', spec: aSpec() }));
    fake.failNext('undelete', new Fault('VmLost', 'nothing is kept of it'));
    await begin('undelete-vm', kept);
    await workflows.runLast();
    expect((await vms.get(kept.id)).state).toBe('deleted');
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 0, memoryMiB: 0, diskGiB: 8 });
  });

  it('purges what a deleted VM left, once its time is over and never before', async () => {
    fake = useFake(new FakeProvider());
    await insertHost(newHost());
    const over = '2020-01-01T00:00:00.000Z';
    await insertVm(newVm({ state: 'deleted', desired: 'deleted', retainedUntil: over }));
    await insertVm(newVm({ id: 'vm-0000000000000002', state: 'deleted', retainedUntil: '2099-01-01T00:00:00.000Z' }));
    const { handler: reclaim } = await import('../../lambdas/schedules/reclaim-retained.ts');
    expect(await reclaim()).toEqual({ reclaimed: 1, erased: 0 });
    const [operation] = await Array.fromAsync(opens.all());
    expect(operation).toMatchObject({ kind: 'delete-vm', vmId: newVm().id, input: { purge: true } });
    expect(await reclaim()).toEqual({ reclaimed: 0, erased: 0 });
  });

  it('stays in a table that was restored until a person opens it', async () => {
    await insertVm(newVm({ state: 'deleted', desired: 'deleted', retainedUntil: '2020-01-01T00:00:00.000Z' }));
    const trusted = { tableId: table.tableId, seenTableId: table.tableId, refused: [], approved: [] };
    await save(plane.changingCollector(undefined, trusted));
    const { handler: reclaim } = await import('../../lambdas/schedules/reclaim-retained.ts');
    table.tableId = 'table-2';
    expect(await reclaim()).toEqual({ reclaimed: 0, erased: 0 });
    table.tableId = trusted.tableId;
    expect(await reclaim()).toEqual({ reclaimed: 1, erased: 0 });
  });
});

describe('an execution that ended without a record', () => {
  it.each([
    ['TIMED_OUT', 'TimedOut'],
    ['ABORTED', 'Internal'],
  ])('%s is undone and recorded as %s, once', async (status, error) => {
    const operation = await beginCreate();
    const { handler: launch } = await import('../../lambdas/steps/launch-vm.ts');
    await launch({ execution: { operationId: operation.id }, step: 'Launch', token: 'of-the-dead' });
    expect(fake.count(newVm().id)).toBe(1);
    const { handler: ended } = await import('../../lambdas/events/execution-ended.ts');
    await ended({ detail: { name: operation.id, status } });
    await ended({ detail: { name: operation.id, status } });
    expect(workflows.started.map(({ name }) => name)).toEqual([operation.id, `undo-${operation.id}`]);
    expect(await workflows.runLast()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await outcome(operation)).toMatchObject({ state: 'failed', error });
    expect(fake.count(newVm().id)).toBe(0);
    await ended({ detail: { name: operation.id, status } });
    expect(workflows.started).toHaveLength(2);
  });
});
