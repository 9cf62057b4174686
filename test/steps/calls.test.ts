import { beforeEach, expect, it, vi } from 'vitest';
import { budgets } from '../../bench/operations.ts';
import type { OperationKind, Vm } from '../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertHost, insertImage, insertVm, newHost, newImage, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
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

const vm = newVm({ provider: 'ec2', location: { region: 'eu-central-1' }, providerId: `fake-${newVm().id}` });
const ask = { operationId: 'op', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };

const eventComes = async (): Promise<void> => {
  fake.settle(vm.id);
  await instancesChanged({
    account: '123456789012',
    region: 'eu-central-1',
    detail: { 'instance-id': `fake-${vm.id}` },
  });
};

const given = async (state: Vm['state']): Promise<Vm> => {
  const row = await insertVm({ ...vm, state });
  await fake.create(row, {}, ask);
  fake.settle(vm.id);
  if (state !== 'stopped') return row;
  await fake.stop(row, { mode: 'stop', force: true, graceSeconds: 0, skipOsShutdown: false }, ask);
  fake.settle(vm.id);
  return row;
};

/**
 * Calls from the operation's transaction to its record on EC2, the clean run: to DynamoDB, Step Functions and SQS, and to
 * the provider. The route's own reads (token, names) come on top; the stream's consumers (StartExecution) do not count.
 */
const CALLS: readonly [OperationKind, Vm['state']][] = [
  ['create-vm', 'pending'],
  ['start-vm', 'stopped'],
  ['stop-vm', 'running'],
  ['reboot-vm', 'running'],
  ['delete-vm', 'running'],
];

it('a launch on a host reads all its rows at once, writes its wait before it asks, and what it learned after', async () => {
  const kvm = useFake(new FakeProvider({ name: 'kvm', progress: 'manual' }));
  const created = vi.spyOn(kvm, 'create');
  const [host, image] = [newHost(), newImage()];
  await insertHost(host);
  await insertImage(image);
  await begin('create-vm', newVm({ state: 'pending', spec: aSpec({ imageId: image.id }) }));
  const before = table.mock.calls().length;
  await workflows.runLast();
  const launch = table.mock.calls().slice(before, before + 3);
  expect(launch.map(({ args: [command] }) => command.constructor.name)).toEqual([
    'BatchGetCommand',
    'PutCommand',
    'PutCommand',
  ]);
  expect(created.mock.calls[0]?.slice(1)).toMatchObject([{ host, image }, { nodeId: host.nodeId }]);
});

it.each(CALLS)('%s of a VM that is %s makes as many calls as its budget says', async (kind, state) => {
  const row = kind === 'create-vm' ? { ...vm, state } : await given(state);
  if (kind === 'create-vm') delete row.providerId;
  const dynamo = table.mock.calls().length;
  const asks = fake.calls.length;
  await begin(kind, row, { readyTimeoutSeconds: 60, graceSeconds: 60 });
  const went = await workflows.runLast(eventComes);
  expect(went.status).toBe('SUCCEEDED');
  expect((await vms.get(vm.id)).lock).toBeUndefined();
  const started = 1;
  const aws =
    table.mock.calls().length - 1 - dynamo + workflows.sfn.calls().length - started + workflows.sqs.calls().length;
  const { awsCalls, providerCalls } = budgets.operations[kind] ?? {};
  expect({ awsCalls: aws, providerCalls: fake.calls.length - asks }).toEqual({ awsCalls, providerCalls });
});
