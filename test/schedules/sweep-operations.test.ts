import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operation } from '../../lambdas/domain/operation.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { succeeded } from '../../lambdas/runtime/succeeded.ts';
import { handler as sweep } from '../../lambdas/schedules/sweep-operations.ts';
import * as alerts from '../../lambdas/store/alerts.ts';
import { beginEach, begin as beginOperation } from '../../lambdas/store/begin.ts';
import * as operations from '../../lambdas/store/operations.ts';
import { settle } from '../../lambdas/store/settle.ts';
import { save } from '../../lambdas/store/table.ts';
import { newAlert } from '../support/alert-rows.ts';
import { insertVm, newVm } from '../support/api.ts';
import { asked } from '../support/asked.ts';
import { useFake } from '../support/fake-providers.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const bus = mockClient(EventBridgeClient);
let workflows: Workflows;
let table: StateTable;
beforeEach(() => {
  bus.reset();
  table = new StateTable();
  workflows = new Workflows();
  useFake(new FakeProvider());
});

const MINUTE = 60_000;

/** An operation that was asked for some minutes ago. */
const begunBefore = async (minutes: number, more: Partial<Operation> = {}): Promise<Operation> => {
  const vm = await insertVm(newVm());
  const at = new Date(Date.now() - minutes * MINUTE).toISOString();
  const operation = await beginOperation({ ...asked(), at }, { kind: 'stop-vm', vm, input: {} });
  return operations.swap(operation, { ...operation, ...more });
};

const started = () => workflows.started.map(({ machine, name }) => [machine, name]);

describe('the sweep', () => {
  it('has the plane’s own alerts looked at while any is open, and asks for nothing while none is', async () => {
    await sweep();
    expect(bus.calls()).toHaveLength(0);
    const own = { subject: 'vm-0000000000000001' };
    await save(alerts.writing(newAlert({ own })));
    bus.on(PutEventsCommand).rejectsOnce(new Error('away'));
    await sweep();
    bus.on(PutEventsCommand).resolves({ Entries: [{}] });
    await sweep();
    expect(bus.commandCalls(PutEventsCommand).at(-1)?.args[0].input.Entries).toMatchObject([
      { Source: 'novacron.alert', DetailType: 'Own Alerts Open' },
    ]);
  });

  it('starts what the stream did not start', async () => {
    const { id } = await begunBefore(1);
    await sweep();
    expect(started()).toEqual([['stop-vm', id]]);
  });

  it.each([
    ['has just been asked for', 0.1, {}],
    ['runs since a minute', 1, { state: 'running', attempt: 1 }],
  ] as const)('leaves alone what %s', async (_, minutes, more) => {
    await begunBefore(minutes, more);
    await sweep();
    expect(started()).toEqual([]);
  });

  it('leaves alone what is at work, however long', async () => {
    const { id } = await begunBefore(100, { state: 'running', attempt: 1 });
    workflows.running.add(id);
    await sweep();
    expect(started()).toEqual([]);
  });

  it('undoes what has no execution any more, and asks for that execution next time', async () => {
    const { id } = await begunBefore(100, { state: 'running', attempt: 2 });
    await sweep();
    expect(started()).toEqual([['undo-operation', expect.stringMatching(`^undo-${id}-\\d+$`)]]);
    workflows.running.add(String(workflows.started[0]?.name));
    await sweep();
    expect(started()).toHaveLength(1);
    expect((await operations.get(id)).executionArn).toMatch(/:execution:novacron-unit-undo-operation:undo-op-/);
  });

  it('goes on with the others where one cannot be swept', async () => {
    const first = await begunBefore(1);
    const vm = await insertVm(newVm({ id: 'vm-0000000000000002', name: 'web-2' }));
    const at = new Date(Date.now() - MINUTE).toISOString();
    const second = await beginOperation({ ...asked(), at }, { kind: 'stop-vm', vm, input: {} });
    const refused = { ...first, input: { graceSeconds: -1 } };
    await operations.swap(first, refused);
    await sweep();
    expect(started()).toEqual([['stop-vm', second.id]]);
    expect(table.of('open-operation')).toHaveLength(2);
  });

  it('knows several that were begun together by one row, starts each that is left, and takes the row away after the last', async () => {
    const at = new Date(Date.now() - MINUTE).toISOString();
    const vms = await Promise.all(
      [1, 2, 3].map((number) => insertVm(newVm({ id: `vm-000000000000000${number}`, name: `web-${number}` }))),
    );
    const came = await beginEach(
      vms.map((vm) => ({ asked: { ...asked(), at }, change: { kind: 'stop-vm', vm, input: {} } })),
    );
    const ids = came.each.flatMap((each) => ('id' in each ? [each.id] : []));
    const [first = '', ...others] = ids;
    const outcome = { observed: { state: 'stopped' } } as const;
    const end = (id: string) => settle({ operationId: id }, (scene) => succeeded(scene, outcome, at), at);
    await end(first);
    await sweep();
    expect(started()).toEqual(others.map((id) => ['stop-vm', id]));
    await Promise.all(others.map(end));
    expect(table.of('open-operation')).toHaveLength(1);
    await sweep();
    expect(table.of('open-operation')).toEqual([]);
    expect(started()).toHaveLength(2);
  });
});
