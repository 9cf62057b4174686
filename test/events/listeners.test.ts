import { createHash } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetCommandInvocationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hashOf } from '../../lambdas/domain/chain.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { handler as beatMissed } from '../../lambdas/events/beat-missed.ts';
import { handler as commandFinished } from '../../lambdas/events/command-finished.ts';
import { handler as lookAgain } from '../../lambdas/events/look-again.ts';
import { handler as operationQueued } from '../../lambdas/events/operation-queued.ts';
import { handler as stateStreamed } from '../../lambdas/events/state-streamed.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import * as beats from '../../lambdas/store/beats.ts';
import { begin as beginOperation } from '../../lambdas/store/begin.ts';
import { from } from '../../lambdas/store/chain.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, insertHost, insertVm, newHost, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { useFake } from '../support/fake-providers.ts';
import { StateTable } from '../support/state-table.ts';
import { CONTEXT, queued, streamed } from '../support/stream.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const ssm = mockClient(SSMClient);
const bus = mockClient(EventBridgeClient);
let table: StateTable;
let workflows: Workflows;
let fake: FakeProvider;
beforeEach(() => {
  ssm.reset();
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
  table = new StateTable();
  workflows = new Workflows();
  fake = useFake(new FakeProvider({ progress: 'manual' }));
});

const rowOf = (entity: string): Record<string, unknown> => table.of(entity)[0] ?? {};

const published = () =>
  bus.commandCalls(PutEventsCommand).flatMap(({ args: [{ input }] }) =>
    (input.Entries ?? []).map(({ DetailType = '', Detail = '' }) => ({
      type: DetailType,
      detail: JSON.parse(Detail),
    })),
  );

/** What the host's document answers, in the form of its answer line. */
const invocation = (operation: Operation, answer: object, attempt = 1) => {
  const json = JSON.stringify(answer);
  const line = `NOVACRON1 ${Buffer.byteLength(json)} ${createHash('sha256').update(json).digest('hex')} ${json}`;
  ssm.on(GetCommandInvocationCommand).resolves({
    Comment: `${operation.id}#${attempt}`,
    Status: 'Success',
    StatusDetails: 'Success',
    ResponseCode: 0,
    StandardOutputContent: `${line}\n`,
  });
};
const finished = { detail: { 'command-id': 'c-1', 'instance-id': 'mi-1' } };

describe('a queued operation', () => {
  it('is started once, however often its record comes', async () => {
    await beginOperation(
      {
        by: { id: 't', name: 't', project: 'default', role: 'operator', system: false },
        action: 'x',
        from: '',
        requestId: '',
        at: AT,
        hash: 'h',
      },
      { kind: 'create-vm', vm: newVm({ state: 'pending' }), input: { readyTimeoutSeconds: 77 } },
    );
    const record = streamed({ after: rowOf('operation') }, { after: rowOf('operation') });
    expect(await operationQueued(record, CONTEXT)).toEqual({ batchItemFailures: [] });
    expect(workflows.started).toMatchObject([
      {
        machine: 'create-vm',
        input: { kind: 'create-vm', vmId: newVm().id, readyTimeoutSeconds: 77, graceSeconds: 60 },
      },
    ]);
  });

  it('is not started by a later change, nor by rows of another kind', async () => {
    const operation = { entity: 'operation', state: 'running' };
    const record = streamed({ before: operation, after: operation }, { after: { entity: 'vm', state: 'queued' } });
    await operationQueued(record, CONTEXT);
    expect(workflows.started).toEqual([]);
  });
});

describe('the stream of state', () => {
  it('orders the first look of a wait, once an attempt', async () => {
    await begin('stop-vm', await insertVm(newVm()), { graceSeconds: 90 });
    const before = rowOf('operation');
    const wait = { step: 'Ask To Stop', token: 't', attempt: 1, since: AT };
    await stateStreamed(streamed({ before, after: { ...before, wait } }), CONTEXT);
    await stateStreamed(
      streamed({ before: { ...before, wait }, after: { ...before, wait: { ...wait, commandId: 'c' } } }),
      CONTEXT,
    );
    expect(workflows.messages('looks')).toEqual([{ delay: 15, body: { operationId: before.id, attempt: 1, look: 0 } }]);
  });

  it('tells the bus of an operation that ended and of a VM that changed its state', async () => {
    await begin('stop-vm', await insertVm(newVm()));
    const [operation, vm] = [rowOf('operation'), rowOf('vm')];
    const error = { name: 'GraceOver', detail: 'no' };
    await stateStreamed(
      streamed(
        { before: operation, after: { ...operation, state: 'failed', error, endedAt: AT } },
        { before: { ...vm, state: 'running' }, after: { ...vm, state: 'stopped' } },
        { before: vm, after: { ...vm, version: 9 } },
      ),
      CONTEXT,
    );
    expect(published().sort((a, b) => a.type.localeCompare(b.type))).toMatchObject([
      { type: 'Operation Failed', detail: { version: '1', operationId: operation.id, error } },
      { type: 'VM State Changed', detail: { version: '1', vmId: vm.id, from: 'running', state: 'stopped' } },
    ]);
  });

  it('tells that alerts may begin or end, and nothing of it where they do not', async () => {
    const [vm, host] = [newVm(), newHost()];
    const rows = [
      { before: { entity: 'vm', ...vm }, after: { entity: 'vm', ...vm, state: 'lost' } },
      { before: { entity: 'vm', ...vm, state: 'lost' } },
      { before: { entity: 'host', ...host }, after: { entity: 'host', ...host, state: 'unreachable' } },
      { before: { entity: 'vm', ...vm }, after: { entity: 'vm', ...vm, version: 9 } },
    ];
    await stateStreamed(streamed(...rows), CONTEXT);
    const alerts = published().filter(({ type }) => type === 'Alert Condition Changed');
    expect(alerts.map(({ detail }) => detail.subject)).toEqual([vm.id, vm.id, host.id]);
  });

  it('chains the audit rows of a batch in their order, each once', async () => {
    const audit = (id: string) => ({
      ...{ entity: 'audit', pk: `audit#${id}`, sk: 'audit', version: 1, expiresAt: 5 },
      ...{ id, at: AT, action: 'stop-vm', by: 'token:t', outcome: 'accepted' },
    });
    const [first, second] = [{ after: audit('aud-1') }, { after: audit('aud-2') }];
    await stateStreamed(streamed(first, first, second), CONTEXT);
    await stateStreamed(streamed(second, first), CONTEXT);
    const chain = await Array.fromAsync(from('default', 1));
    expect(chain.map(({ id, seq }) => [id, seq])).toEqual([
      ['aud-1', 1],
      ['aud-2', 2],
    ]);
    expect(chain.map(hashOf)).toEqual(chain.map(({ hash }) => hash));
    expect(chain[1]).toMatchObject({ project: 'default', action: 'stop-vm', by: 'token:t', previous: chain[0]?.hash });
    expect(chain[1]).not.toHaveProperty('expiresAt');
  });

  it.each([
    ['reports an audit row that was refused for haste', 'ThrottlingException', [{ itemIdentifier: '2' }], 0],
    ['lays an audit row aside that will never do', 'ValidationException', [], 1],
  ])('%s, and chains the others', async (_, name, failures, aside) => {
    const audit = (id: string) => ({ entity: 'audit', id, at: AT, action: 'a', by: 'b', outcome: 'done', version: 1 });
    table.beforeTransaction = (ids) => {
      if (ids.includes('told#aud-2')) throw Object.assign(new Error('not this one'), { name });
    };
    const changes = ['aud-1', 'aud-2', 'aud-3'].map((id) => ({ after: audit(id) }));
    const answer = await stateStreamed(streamed(...changes), CONTEXT);
    expect(answer.batchItemFailures).toEqual(failures);
    expect((await Array.fromAsync(from('default', 1))).map(({ id }) => id)).toEqual(['aud-1', 'aud-3']);
    expect(workflows.messages('dead-letters')).toHaveLength(aside);
  });

  it('reports the one record that failed, and handles the others', async () => {
    bus
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: [{ ErrorCode: 'InternalFailure' }] })
      .resolves({ Entries: [{}] });
    const vm = { entity: 'vm', id: 'vm-1', state: 'running', ready: { status: 'true' } };
    const host = { entity: 'host', id: 'h-1', state: 'ready' };
    const answer = await stateStreamed(streamed({ after: vm }, { after: host }), CONTEXT);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '1' }]);
    expect(published().map(({ type }) => type)).toContain('Host State Changed');
  });
});

/** An operation whose step waits for a command on a host. */
const waiting = async (kind: 'start-vm' | 'stop-vm', vm: Vm, step: string, more = {}): Promise<Operation> => {
  const operation = await begin(kind, vm, { graceSeconds: 60 });
  const wait = { step, token: 'token', attempt: 1, since: AT, ...more };
  return operations.swap(operation, { ...operation, state: 'running', startedAt: AT, attempt: 1, wait });
};

/** What the machine's task was told by its token. */
const told = () =>
  workflows.sfn
    .calls()
    .map(({ args: [{ input }] }) => input)
    .filter((input) => 'taskToken' in input);

beforeEach(async () => {
  await insertHost(newHost());
});

describe('a command that finished', () => {
  it('ends the wait of the attempt that sent it', async () => {
    const operation = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start', {
      commandId: 'c-1',
      nodeId: 'mi-1',
    });
    invocation(operation, { ok: true, result: { state: 'running' } });
    await commandFinished(finished);
    expect(told()).toMatchObject([{ taskToken: 'token', output: expect.stringContaining('"running"') }]);
  });

  it.each([
    ['of an earlier attempt', 1, { attempt: 2 }],
    ['of a later attempt', 3, { attempt: 2 }],
  ])('changes nothing where it is %s', async (_, attempt, more) => {
    const vm = await insertVm(newVm({ state: 'stopped' }));
    const operation = await waiting('start-vm', vm, 'Start', more);
    invocation(operation, { ok: true, result: { state: 'running' } }, attempt);
    await commandFinished(finished);
    expect(told()).toEqual([]);
  });

  it('fails the task by the fault the host named', async () => {
    const operation = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    ssm.on(GetCommandInvocationCommand).resolves({
      Comment: `${operation.id}#1`,
      Status: 'TimedOut',
      StatusDetails: 'Delivery Timed Out',
    });
    await commandFinished(finished);
    expect(told()).toMatchObject([{ taskToken: 'token', error: 'HostUnreachable' }]);
  });

  it('leaves a stop waiting that has only been asked for', async () => {
    const operation = await waiting('stop-vm', await insertVm(newVm()), 'Ask To Stop');
    invocation(operation, { ok: true, result: { state: 'stopping' } });
    await commandFinished(finished);
    expect(told()).toEqual([]);
  });

  it('is none of ours without our mark', async () => {
    ssm.on(GetCommandInvocationCommand).resolves({ Comment: 'patching', Status: 'Success' });
    await commandFinished(finished);
    expect(told()).toEqual([]);
  });
});

describe('a look', () => {
  const look = (operation: Operation, at: number, attempt = 1) =>
    lookAgain(queued({ operationId: operation.id, attempt, look: at }), CONTEXT);

  it('finds what an event did not tell', async () => {
    const vm = await insertVm(newVm({ state: 'stopped' }));
    const operation = await waiting('start-vm', vm, 'Start');
    await fake.create(vm, {}, { operationId: 'op', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' });
    fake.settle(vm.id);
    await look(operation, 0);
    expect(told()).toMatchObject([{ taskToken: 'token', output: expect.stringContaining('"running"') }]);
  });

  it('orders the next one while nothing is to be seen, and ends with the third', async () => {
    const operation = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    for (const at of [0, 1, 2]) await look(operation, at);
    expect(workflows.messages('looks').map(({ delay }) => delay)).toEqual([30, 75]);
    expect(told()).toEqual([]);
  });

  it('ends the grace of a guest, just when it is over', async () => {
    const operation = await waiting('stop-vm', await insertVm(newVm()), 'Ask To Stop');
    await look(operation, 1);
    expect(workflows.messages('looks').map(({ delay }) => delay)).toEqual([15]);
    await look(operation, 2);
    expect(told()).toMatchObject([{ taskToken: 'token', error: 'GraceOver' }]);
  });

  it('at an attempt that is over is none', async () => {
    const operation = await waiting('stop-vm', await insertVm(newVm()), 'Ask To Stop', { attempt: 2 });
    await look(operation, 2, 1);
    expect([told(), workflows.messages('looks')]).toEqual([[], []]);
  });

  it('that cannot be read goes to the dead letters alone', async () => {
    const operation = await waiting('start-vm', await insertVm(newVm({ state: 'stopped' })), 'Start');
    const batch = queued({ nonsense: true }, { operationId: operation.id, attempt: 1, look: 0 });
    expect(await lookAgain(batch, CONTEXT)).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(workflows.messages('looks')).toHaveLength(1);
  });
});

describe('a beat', () => {
  const missed = (beatSeq: number) => beatMissed(queued({ hostId: newHost().id, beatSeq }), CONTEXT);

  it('that is still the last one makes the host unreachable and its VMs unknown, their last state beside it', async () => {
    await insertVm(newVm());
    await insertVm(newVm({ id: 'vm-0000000000000002', name: 'gone', state: 'deleted' }));
    await missed(0);
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'unreachable' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'unknown', lastState: 'running' });
    expect(await vms.get('vm-0000000000000002')).toMatchObject({ state: 'deleted' });
  });

  const beaten = (version: number) => beats.write({ hostId: newHost().id, at: AT, version });
  /** As the release before kept it: in the host's row. */
  const old = async (beatSeq: number) => {
    const host = await hosts.get(newHost().id);
    await hosts.swap(host, { ...host, beatSeq, beatAt: AT });
  };

  it.each<[string, () => Promise<unknown>]>([
    ['by another', () => beaten(8)],
    ['by another that an earlier release wrote', () => old(8)],
    ['by another, after one that an earlier release wrote', async () => [await old(7), await beaten(8)]],
    ['by another of a release that was rolled back', async () => [await beaten(7), await old(8)]],
  ])('that was followed %s says nothing', async (_, follow) => {
    await follow();
    await insertVm(newVm());
    await missed(7);
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'ready' });
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'running' });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['in its own row', () => beaten(7)],
    ['in the host’s row, by an earlier release', () => old(7)],
  ])('that is the last one %s tells since when the host is silent', async (_, last) => {
    await last();
    await missed(7);
    expect(await hosts.get(newHost().id)).toMatchObject({ state: 'unreachable', reason: `No beat since ${AT}.` });
  });

  it('leaves a VM alone that an operation holds', async () => {
    await begin('stop-vm', await insertVm(newVm()));
    await missed(0);
    expect(await vms.get(newVm().id)).toMatchObject({ state: 'stopping' });
  });
});
