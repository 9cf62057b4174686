import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { handler as stateStreamed } from '../../lambdas/events/state-streamed.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { removeUserData } from '../../lambdas/runtime/user-data.ts';
import { handler as record } from '../../lambdas/steps/record-outcome.ts';
import { insertVm, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { useFake } from '../support/fake-providers.ts';
import { aSpec } from '../support/kvm.ts';
import { StateTable } from '../support/state-table.ts';
import { CONTEXT, streamed } from '../support/stream.ts';
import { Workflows } from '../support/workflow.ts';

// Metrics read it when they are made.
vi.hoisted(() => Object.assign(process.env, { POWERTOOLS_METRICS_DISABLED: 'false', POWERTOOLS_DEV: 'true' }));
vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));
vi.mock('../../lambdas/runtime/user-data.ts', () => ({ removeUserData: vi.fn() }));

let table: StateTable;
/** What the functions print in CloudWatch's embedded metric format. */
let printed: MockInstance<typeof console.log>;
beforeEach(() => {
  printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  mockClient(EventBridgeClient)
    .on(PutEventsCommand)
    .resolves({ Entries: [{}] });
  table = new StateTable();
  new Workflows();
  useFake(new FakeProvider());
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** How often each metric was printed, with the outcomes it tells. */
const counted = (metric: string) =>
  printed.mock.calls
    .map(([line]) => JSON.parse(String(line)))
    .filter((line) => metric in line)
    .map(({ outcome, fault }) => outcome ?? fault ?? '');

const begun = async () => {
  const { id, vmId } = await begin('stop-vm', await insertVm(newVm()));
  return { before: table.of('operation')[0] ?? {}, execution: { operationId: id, vmId } };
};

it.each([
  ['goes well', { outcome: {} }, 'succeeded', []],
  ['fails', { fault: { Error: 'HostFault', Cause: 'no' } }, 'failed', ['HostFault']],
])(
  'an operation that %s is counted once, however often it is recorded and its record delivered',
  async (_, ending, outcome, faults) => {
    const { before, execution } = await begun();
    await Promise.all([record({ execution, ...ending }), record({ execution, ...ending })]);
    await record({ execution, ...ending });
    const change = { before, after: table.of('operation')[0] ?? {} };
    await stateStreamed(streamed(change, change), CONTEXT);
    expect(counted('Operations')).toEqual([outcome]);
    expect(counted('OperationDuration')).toEqual([outcome]);
    expect(counted('Faults')).toEqual(faults);
    expect(counted('OperationFailed')).toHaveLength(faults.length);
  },
);

it('one that is to be undone yet is not counted before its end', async () => {
  const { execution } = await begun();
  const fault = { Error: 'SpecRefused', Cause: 'no' };
  await record({ execution, fault, trouble: { Error: 'HostUnreachable', Cause: 'away' } });
  expect(counted('Operations')).toEqual([]);
  await record({ execution, fault });
  expect(counted('Operations')).toEqual(['failed']);
});

describe('deletes the user-data of a create that', () => {
  const create = async () => {
    const { id, vmId } = await begin(
      'create-vm',
      newVm({ state: 'pending', spec: aSpec({ userDataKey: 'user-data/vm' }) }),
    );
    return { operationId: id, vmId };
  };
  const removed = vi.mocked(removeUserData);
  beforeEach(() => void removed.mockReset());

  it.each([
    ['went well', { outcome: {} }],
    ['failed', { fault: { Error: 'HostFault', Cause: 'no' } }],
  ])('%s, again where the step is repeated', async (_, ending) => {
    const execution = await create();
    await record({ execution, ...ending });
    await record({ execution, ...ending });
    expect(removed.mock.calls).toEqual([[execution.vmId], [execution.vmId]]);
  });

  it('is to be undone yet: only at its end', async () => {
    const execution = await create();
    const fault = { Error: 'SpecRefused', Cause: 'no' };
    await record({ execution, fault, trouble: { Error: 'HostUnreachable', Cause: 'away' } });
    expect(removed).not.toHaveBeenCalled();
    await record({ execution, fault });
    expect(removed.mock.calls).toEqual([[execution.vmId]]);
  });

  it('went well even where S3 refuses: the lifecycle takes it', async () => {
    removed.mockRejectedValue(new Error('away'));
    expect(await record({ execution: await create(), outcome: {} })).toEqual({ state: 'succeeded' });
  });
});
