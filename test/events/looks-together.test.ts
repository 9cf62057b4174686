import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, it } from 'vitest';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { handler } from '../../lambdas/events/look-again.ts';
import { chunked } from '../../lambdas/runtime/chunks.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, insertVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { ec2Error } from '../support/aws.ts';
import { anEc2Vm } from '../support/ec2.ts';
import { Ec2Service } from '../support/ec2-service.ts';
import { instancesChanged } from '../support/heard.ts';
import { StateTable } from '../support/state-table.ts';
import { CONTEXT, queued } from '../support/stream.ts';
import { Workflows } from '../support/workflow.ts';

let workflows: Workflows;
let ec2: Ec2Service;
beforeEach(() => {
  new StateTable();
  workflows = new Workflows();
  ec2 = new Ec2Service();
});

const idOf = (index: number): string => `i-${index.toString(16).padStart(17, '0')}`;
const accountOf = (region: string) => ({ account: '123456789012', region });

/** VMs whose rows say that they run, and that are stopped. */
const stopped = async (count: number, region = 'us-east-1', from = 1): Promise<Vm[]> => {
  const made: Vm[] = [];
  for (let index = from; index < from + count; index += 1) {
    ec2.place(idOf(index), 'stopped', region);
    const row = anEc2Vm({
      name: `web-${index}`,
      state: 'running',
      location: accountOf(region),
      providerId: idOf(index),
    });
    made.push(await insertVm(row));
  }
  return made;
};

const eventOf = ({ location, providerId = '' }: Vm) => ({ ...location, detail: { 'instance-id': providerId } });
const describes = () => ec2.mock.commandCalls(DescribeInstancesCommand).map(({ args: [{ input }] }) => input);
const statesOf = async (rows: readonly Vm[]) => (await vms.findAll(rows.map(({ id }) => id))).map(({ state }) => state);

it('events of a thousand instances are a call for each two hundred, by a filter', async () => {
  const rows = await stopped(1_000);
  for (const batch of chunked(rows, 200)) await instancesChanged(...batch.map(eventOf));
  expect(new Set(await statesOf(rows))).toEqual(new Set(['stopped']));
  expect(describes()).toHaveLength(5);
  expect(describes()[0]).toMatchObject({ Filters: [{ Name: 'instance-id' }], MaxResults: 1_000 });
});

it('several events of one instance are one look, and its row is written once', async () => {
  const [row] = await stopped(1);
  if (row === undefined) throw new Error('one was placed');
  await instancesChanged(eventOf(row), eventOf(row), eventOf(row));
  expect(describes()).toHaveLength(1);
  expect(await vms.get(row.id)).toMatchObject({ state: 'stopped', version: row.version + 1 });
});

it('a Region that refuses delays its own events and no other’s', async () => {
  const east = await stopped(2);
  const central = await stopped(2, 'eu-central-1', 11);
  ec2.looks = (region) => region !== 'us-east-1';
  const messages = queued(...[...east, ...central].map(eventOf));
  const { batchItemFailures } = await handler(messages, CONTEXT);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['message-0', 'message-1']);
  expect(await statesOf(central)).toEqual(['stopped', 'stopped']);
  expect(await statesOf(east)).toEqual(['running', 'running']);
});

it('what EC2 shows nobody yet is looked at by itself, and one that is gone keeps no other from its answer', async () => {
  const [gone, there] = await stopped(2);
  if (gone === undefined || there === undefined) throw new Error('two were placed');
  ec2.machines.delete(gone.providerId ?? '');
  ec2.mock
    .on(DescribeInstancesCommand, { InstanceIds: [gone.providerId ?? ''] })
    .rejects(ec2Error('InvalidInstanceID.NotFound'));
  await instancesChanged(eventOf(gone), eventOf(there));
  expect(await statesOf([there])).toEqual(['stopped']);
  expect(describes().map(({ InstanceIds }) => InstanceIds)).toEqual([undefined, [gone.providerId]]);
});

it('looks at the waits of many, and the events of others, are one call, and each wait has its answer', async () => {
  const rows = await stopped(3);
  const waits = [];
  for (const row of rows.slice(0, 2)) {
    const operation = await begin('stop-vm', row, { graceSeconds: 60 });
    const wait = { step: 'Ask To Stop', token: `token ${row.id}`, attempt: 1, since: AT };
    waits.push(await operations.swap(operation, { ...operation, state: 'running', startedAt: AT, attempt: 1, wait }));
  }
  const looks = waits.map(({ id }) => ({ operationId: id, attempt: 1, look: 0 }));
  const overtaken = { operationId: waits[0]?.id, attempt: 0, look: 0 };
  await instancesChanged(...looks, overtaken, ...rows.slice(2).map(eventOf));
  expect(describes()).toHaveLength(1);
  const answered = workflows.sfn.calls().map(({ args: [{ input }] }) => input);
  expect(answered.flatMap((input) => ('taskToken' in input ? [input.taskToken] : []))).toEqual(
    waits.map(({ wait }) => wait?.token),
  );
});
