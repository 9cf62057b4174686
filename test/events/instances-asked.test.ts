import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { cancel } from '../../lambdas/runtime/cancel.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { leaves } from '../support/audited.ts';
import { BusyPlane } from '../support/busy-plane.ts';
import { anEc2Vm } from '../support/ec2.ts';

const ID = `i-${'0'.repeat(17)}`;

let plane: BusyPlane;
beforeEach(() => {
  plane = new BusyPlane();
  plane.ec2.place(ID, 'running');
});
afterEach(() => void vi.useRealTimers());

const STEPS = {
  'stop-vm': ['ask-to-stop', 'Ask To Stop'],
  'start-vm': ['start-vm', 'Start'],
  'delete-vm': ['remove-vm', 'Remove'],
  'create-vm': ['launch-vm', 'Launch'],
} as const;

/** An operation whose first step has asked, so that its action lies in the queue. */
const asked = async (kind: keyof typeof STEPS, more: Partial<Vm> = {}, input = {}): Promise<Operation> => {
  const row = anEc2Vm({ state: 'running', ...more });
  const operation = await begin(kind, kind === 'create-vm' ? row : await insertVm({ ...row, providerId: ID }), input);
  await step(kind, operation);
  return operation;
};

const step = async (kind: keyof typeof STEPS, { id }: Operation): Promise<void> => {
  const [file, name] = STEPS[kind];
  const { handler } = await import(`../../lambdas/steps/${file}.ts`);
  await handler({ execution: { operationId: id, kind }, step: name, token: `token-${name}` });
};

const calls = () => plane.ec2.calls.map(({ action, passed }) => `${action} ${passed ? 'passed' : 'refused'}`);
const answers = () => [
  ...plane.workflows.sfn
    .commandCalls(SendTaskSuccessCommand)
    .map(({ args: [{ input }] }) => JSON.parse(input.output ?? '')),
  ...plane.workflows.sfn.commandCalls(SendTaskFailureCommand).map(({ args: [{ input }] }) => input.error),
];
const later = (): void => void vi.setSystemTime(Date.now() + 60_000);

describe('an action that nobody waits for any more is not asked of EC2', () => {
  it.each<[string, (operation: Operation) => Promise<unknown>]>([
    ['its operation was cancelled', cancel],
    ['a later attempt of its step has begun', (operation) => step('stop-vm', operation)],
    [
      'its operation has ended',
      async ({ id }) => {
        leaves('OpenRowLeft', 'VmHeldByNobody', 'HistoryBroken', 'EndNotTold');
        const { wait: _, ...row } = await operations.get(id);
        await operations.swap(await operations.get(id), { ...row, state: 'failed' });
      },
    ],
  ])('%s', async (_, happens) => {
    const operation = await asked('stop-vm');
    const [first] = plane.messages;
    await happens(operation);
    await plane.hand(first ? [first] : []);
    expect(calls()).toEqual([]);
  });
});

describe('an action that comes twice', () => {
  it('in one batch is one call, and the wait is told once or the same', async () => {
    await asked('delete-vm');
    await plane.hand([...plane.messages, ...plane.messages]);
    expect(plane.ec2.callsOf('TerminateInstances').map(({ ids }) => ids)).toEqual([[ID]]);
    expect(new Set(answers().map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('after its listener died between the call and the answer is asked and told again', async () => {
    await asked('delete-vm');
    plane.workflows.sfn
      .on(SendTaskSuccessCommand)
      .rejectsOnce(Object.assign(new Error('cut'), { name: 'TimeoutError' }));
    await plane.deliver();
    later();
    await plane.deliver();
    expect(calls()).toEqual(['TerminateInstances passed', 'TerminateInstances passed']);
    expect(answers().at(-1)).toMatchObject({ observed: { providerId: ID, state: 'deleting' } });
    expect(plane.messages).toEqual([]);
  });
});

describe('what EC2 refuses for haste', () => {
  beforeEach(() => {
    plane.ec2.takes = () => false;
  });

  it.each(['start-vm', 'delete-vm'] as const)('%s waits in the queue, and its step says so', async (kind) => {
    const operation = await asked(kind);
    await plane.deliver();
    expect(answers()).toEqual([]);
    expect((await operations.get(operation.id)).steps[0]?.detail).toContain('refused once');
    plane.ec2.takes = () => true;
    later();
    await plane.deliver();
    expect(calls()).toHaveLength(2);
    expect(plane.messages).toEqual([]);
  });

  it.each([
    ['600 s of grace are left to it: it waits', { graceSeconds: 600 }, []],
    ['none is left to it: its step begins anew', { graceSeconds: 1 }, ['Throttled']],
    ['it is to be stopped by force: it waits', { graceSeconds: 1, force: true }, []],
  ])('a stop never loses the grace of its guest: %s', async (_, input, told) => {
    await asked('stop-vm', {}, input);
    await plane.deliver();
    expect(answers()).toEqual(told);
    expect(plane.messages).toHaveLength(1 - told.length);
  });

  it('a launch is taken up by the same attempt, and its VM learns its id', async () => {
    const operation = await asked('create-vm', { state: 'pending' });
    plane.ec2.takes = () => true;
    later();
    await plane.deliver();
    expect(calls()).toEqual(['RunInstances refused', 'RunInstances passed']);
    expect(await vms.get(operation.vmId ?? '')).toMatchObject({ providerId: expect.stringMatching(/^i-/) });
    expect((await operations.get(operation.id)).attempt).toBe(1);
  });

  it.each([
    ['after its time', 2],
    ['as a copy that counts as a first', 1],
  ])('a launch that is delivered again, %s, looks for what the first delivery launched', async (_, receives) => {
    await asked('create-vm', { state: 'pending' });
    plane.ec2.takes = () => true;
    const [message] = plane.messages;
    if (message === undefined) throw new Error('it was not put off');
    await plane.hand([message]);
    await plane.hand([{ ...message, receives }]);
    expect(plane.ec2.callsOf('RunInstances').filter(({ passed }) => passed)).toHaveLength(1);
    expect(plane.ec2.machines.size).toBe(2);
  });
});

it('what is no action is laid aside, and the others of its batch are done', async () => {
  await asked('stop-vm');
  const poison = { due: 0, body: 'no JSON', receives: 1 };
  await plane.hand([poison, ...plane.messages]);
  expect(calls()).toEqual(['StopInstances passed']);
  expect(plane.messages.filter(({ body, receives }) => body === 'no JSON' && receives === 2)).toHaveLength(1);
});

it('tells by a name of ours what no repeat will help', async () => {
  plane.ec2.refusals.set(ID, { code: 'UnauthorizedOperation' });
  await asked('start-vm');
  await plane.deliver();
  expect(answers()).toEqual(['ProviderDenied']);
});
