import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import * as events from '../../lambdas/store/events.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, insertVm, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { useFake } from '../support/fake-providers.ts';
import { instancesChanged } from '../support/heard.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const ID = 'i-0123456789abcdef0';
const WHERE = { account: '123456789012', region: 'us-east-1' };

let table: StateTable;
let workflows: Workflows;
/** What EC2 says of the instance; nothing where it knows none. */
let ec2: Observed | undefined;
let asked: Vm[];
beforeEach(() => {
  table = new StateTable();
  workflows = new Workflows();
  asked = [];
  const fake = useFake(new FakeProvider({ name: 'ec2' }));
  vi.spyOn(fake, 'describe').mockImplementation(async (vm) => {
    asked.push(vm);
    return ec2;
  });
});

const seen = (more: Partial<Observed> = {}): Observed => ({
  providerId: ID,
  name: 'old-box',
  state: 'running',
  location: WHERE,
  instanceType: 't3.small',
  vcpus: 2,
  memoryMiB: 2048,
  disks: [],
  nics: [],
  addresses: ['192.0.2.1'],
  tags: { team: 'a' },
  ...more,
});
const eventComes = (look: Observed | undefined): Promise<void> => {
  ec2 = look;
  return instancesChanged({ ...WHERE, detail: { 'instance-id': ID } });
};
const rows = () => Array.fromAsync(vms.all());
const told = () =>
  workflows.sfn
    .calls()
    .map(({ args: [{ input }] }) => input)
    .filter((input) => 'taskToken' in input);

describe('an instance that nobody here made', () => {
  it('is shown at once, read-only, by one look', async () => {
    await eventComes(seen());
    expect(await rows()).toMatchObject([
      { name: 'old-box', managed: false, provider: 'ec2', state: 'running', location: WHERE },
    ]);
    expect(asked).toMatchObject([{ providerId: ID, location: WHERE }]);
  });

  it('keeps its row over further events, and loses it when it is gone', async () => {
    await eventComes(seen({ state: 'pending' }));
    await eventComes(seen());
    await eventComes(seen());
    expect(await rows()).toMatchObject([{ state: 'running', version: 2 }]);
    await eventComes(seen({ state: 'deleted' }));
    expect(await rows()).toEqual([]);
  });

  it.each([
    ['that EC2 does not know', undefined],
    ['that is terminated', seen({ state: 'deleted' })],
  ])('%s leaves no row', async (_, look) => {
    await eventComes(look);
    expect(await rows()).toEqual([]);
  });
});

describe('an instance of ours whose row does not know its id', () => {
  const vm = newVm({ provider: 'ec2', location: WHERE, state: 'pending' });
  const mine = (more: Partial<Observed> = {}) => seen({ vmId: vm.id, ...more });
  const waiting = async (step: string) => {
    const operation = await begin('create-vm', vm);
    const wait = { step, token: 'token', attempt: 1, since: AT };
    return operations.swap(operation, { ...operation, state: 'running', startedAt: AT, attempt: 1, wait });
  };

  it('ends the launch that waits for it once it runs, and is written by nobody but its steps', async () => {
    await waiting('Launch');
    const before = await vms.get(vm.id);
    await eventComes(mine({ state: 'pending' }));
    expect(told()).toEqual([]);
    await eventComes(mine());
    expect(told()).toMatchObject([{ taskToken: 'token', output: expect.stringContaining(ID) }]);
    expect(await vms.get(vm.id)).toEqual(before);
    expect(table.of('vm')).toHaveLength(1);
  });

  it('is found again where nothing holds it', async () => {
    await insertVm({ ...vm, state: 'lost' });
    await eventComes(mine());
    expect(await rows()).toMatchObject([{ id: vm.id, state: 'running', providerId: ID }]);
  });

  it('is a stranger where it only copied the mark, and ends nobody’s wait', async () => {
    const operation = await waiting('Launch');
    const row = await vms.get(vm.id);
    await vms.swap(row, { ...row, providerId: 'i-0fedcba9876543210' });
    await eventComes(mine());
    expect(told()).toEqual([]);
    expect((await rows()).map(({ managed }) => managed).sort()).toEqual([false, true]);
    expect((await operations.get(operation.id)).wait).toBeDefined();
  });
});

describe('an instance of ours that changes while it is looked at', () => {
  it('keeps what was written since, where the look is older', async () => {
    const vm = await insertVm(newVm({ provider: 'ec2', providerId: ID, location: WHERE, state: 'pending' }));
    const fake = useFake(new FakeProvider({ name: 'ec2' }));
    const looks: Observed[] = [seen({ vmId: vm.id, state: 'pending' }), seen({ vmId: vm.id })];
    vi.spyOn(fake, 'describe').mockImplementation(async () => {
      const look = looks.shift();
      // The workflow records the VM as running while this look is on its way back.
      if (look?.state === 'pending') await vms.swap(vm, { ...vm, state: 'running' });
      return look;
    });
    await instancesChanged({ ...WHERE, detail: { 'instance-id': ID } });
    expect(await vms.get(vm.id)).toMatchObject({ state: 'running' });
    expect(looks).toEqual([]);
    expect((await events.page(vm.id, { limit: 10 })).rows).toEqual([]);
  });
});
