import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { handler as audit } from '../../lambdas/schedules/audit-installation.ts';
import { handler as collect } from '../../lambdas/schedules/collect-leftovers.ts';
import { handler as timerComes } from '../../lambdas/schedules/run-schedules.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as plane from '../../lambdas/store/plane.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { call, insertHost, insertSchedule, newHost, newSchedule, newVm, signIn } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { useFake } from '../support/fake-providers.ts';
import { aSpec } from '../support/kvm.ts';
import { StateTable } from '../support/state-table.ts';
import { anOperation, serial } from '../support/world.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const ec2 = mockClient(EC2Client);
const s3 = mockClient(S3Client);
const bus = mockClient(EventBridgeClient);

let state: StateTable;
let fake: FakeProvider;
beforeEach(async () => {
  // Rows are planted here without what stands behind them.
  leaves('MachineLeft', 'MachineWithoutVm', 'EndNotTold', 'AllocationDiffers', 'VmNotSeen');
  for (const mock of [ec2, s3, bus]) mock.reset();
  ec2.on(DescribeInstancesCommand).callsFake(async (_, client) => {
    const here = (await client().config.region()) === 'eu-central-1';
    return { Reservations: [{ Instances: here ? instances : [] }] };
  });
  ec2.on(DescribeVolumesCommand).resolves({ Volumes: [] });
  s3.on(ListObjectsV2Command).resolves({});
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  instances = [];
  state = new StateTable();
  fake = useFake(new FakeProvider());
  await insertHost(newHost());
});

let instances: object[] = [];
const tagged = (vmId: string, installation = 'unit') => ({
  InstanceId: `i-${vmId}`,
  State: { Name: 'running' },
  Tags: [
    { Key: 'novacron:installation', Value: installation },
    { Key: 'novacron:vm', Value: vmId },
  ],
});

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

/** A create that failed an hour ago, and left its machine running. */
const leftover = async (
  number: number,
  how: { state?: 'failed' | 'succeeded'; kind?: 'create-vm' | 'delete-vm' } = {},
) => {
  const vm = newVm({
    id: serial('vm', number),
    name: `vm-${number}`,
    state: 'deleted',
    spec: aSpec(),
    disks: [],
    changedAt: HOUR_AGO,
    version: 9,
  });
  const { state: end = 'failed', kind = 'create-vm' } = how;
  const error = end === 'failed' ? { error: { name: 'HostFault', detail: 'no' } } : {};
  const operation = anOperation(number, {
    kind,
    state: end,
    ...error,
    createdAt: HOUR_AGO,
    endedAt: HOUR_AGO,
    steps: [],
  });
  await table.transact([table.putNew(vms.entity, vm), table.putNew(operations.entity, operation)]);
  await fake.create(vm, {}, { operationId: operation.id, attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' });
  instances.push(tagged(vm.id));
  return vm;
};

/** Live VMs, seen where they are, so that a fleet has some size. */
const fleet = async (count: number) => {
  for (let i = 0; i < count; i += 1) {
    const id = serial('vm', 1000 + i);
    const vm = newVm({
      id,
      name: `live-${i}`,
      provider: 'ec2',
      providerId: `i-${id}`,
      location: { region: 'eu-central-1' },
    });
    await table.save(table.putNew(vms.entity, vm));
  }
};

const found = async () => (await plane.lastRun())?.findings.map(({ kind, subject }) => `${kind} ${subject}`) ?? [];
const told = () => bus.commandCalls(PutEventsCommand).flatMap(({ args: [{ input }] }) => input.Entries ?? []);
const undone = () => fake.calls.filter(({ method }) => method === 'undoCreate');

describe('an audit', () => {
  it('lists what carries our mark and has no row, and nothing of other installations or of nobody', async () => {
    instances = [
      tagged('vm-0000000000000007'),
      tagged('vm-0000000000000008', 'other'),
      { InstanceId: 'i-1', State: { Name: 'running' } },
    ];
    await audit();
    expect(await found()).toEqual(['MachineWithoutVm vm-0000000000000007']);
    await collect();
    expect(fake.calls).toEqual([]);
  });

  it('tells of a finding once, by its own event, and again only when it was gone in between', async () => {
    instances = [tagged('vm-0000000000000007')];
    await audit();
    const first = told().length;
    expect(told()[0]).toMatchObject({ Source: 'novacron.finding', DetailType: 'Audit Finding' });
    await audit();
    expect(told()).toHaveLength(first);
    instances = [];
    await audit();
    expect((await plane.lastRun())?.total).toBe(0);
    instances = [tagged('vm-0000000000000007')];
    await audit();
    expect(told().length).toBeGreaterThan(first);
  });

  it('finds a schedule that nobody runs, and finds it no more once a tick has', async () => {
    const nextAt = HOUR_AGO;
    const { id } = newSchedule();
    await insertSchedule(newSchedule({ ranThrough: nextAt, nextAt }));
    await audit();
    expect(await found()).toEqual([`ScheduleOverdue ${id}`]);
    expect(JSON.parse(told()[0]?.Detail ?? '')).toMatchObject({ subject: id, since: nextAt, invariant: 'I1' });
    await timerComes();
    await audit();
    expect(await found()).toEqual([]);
  });

  it('writes nothing but its own two rows', async () => {
    const before = new Set(state.rows.keys());
    await audit();
    expect([...state.rows.keys()].filter((key) => !before.has(key))).toEqual(['plane\ncollector', 'plane\naudit-run']);
  });
});

describe('the collector', () => {
  it('takes what a failed create left, by the provider’s own undo under a higher attempt, and tells the audit log', async () => {
    const vm = await leftover(1);
    await audit();
    expect(await collect()).toEqual({ collected: 1 });
    expect(fake.count(vm.id)).toBe(0);
    expect(undone()[0]?.ask).toMatchObject({ attempt: 4 });
    expect(state.of('audit')).toMatchObject([
      { action: 'collect-leftover', by: 'novacron:collector', outcome: 'done' },
    ]);
  });

  it('works through an audit once, however often it runs', async () => {
    await leftover(1);
    await audit();
    await collect();
    expect(await collect()).toEqual({ collected: 0 });
    expect(undone()).toHaveLength(1);
  });

  it.each([
    ['a VM that was deleted well', { kind: 'delete-vm', state: 'succeeded' }],
    ['a delete that failed', { kind: 'delete-vm', state: 'failed' }],
  ] as const)('leaves to a person what is there of %s', async (_, how) => {
    await leftover(1, how);
    await audit();
    expect(await found()).toContain('MachineLeft vm-0000000000000001');
    expect(await collect()).toEqual({ collected: 0 });
    expect(undone()).toEqual([]);
  });

  it.each([
    [
      'an operation holds it',
      { lock: { operationId: 'op-1', reason: 'x', by: 'x', since: HOUR_AGO, expiresAt: HOUR_AGO } },
    ],
    ['it came back', { state: 'running' }],
    ['its disks are kept', { retainedUntil: '2099-01-01T00:00:00.000Z' }],
  ] as const)('touches nothing where %s since the audit', async (_, change) => {
    leaves('VmHeldByNobody', 'NameNotHeld');
    const vm = await leftover(1);
    await audit();
    await vms.swap(await vms.get(vm.id), { ...(await vms.get(vm.id)), ...change });
    expect(await collect()).toEqual({ collected: 0 });
    expect(undone()).toEqual([]);
  });

  it('tries again after the next audit what its provider refused', async () => {
    await leftover(1);
    fake.failNext('undoCreate', new Fault('HostUnreachable', 'away'));
    await audit();
    expect(await collect()).toEqual({ collected: 0 });
    expect(state.of('audit')).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('HostUnreachable') },
    ]);
    await audit();
    expect(await collect()).toEqual({ collected: 1 });
    expect(undone().map(({ ask }) => ask?.attempt)).toEqual([4, 5]);
  });

  it('takes a twentieth of the fleet in one run, and of more nothing until a person has looked', async () => {
    await fleet(80);
    for (let i = 1; i <= 5; i += 1) await leftover(i);
    await audit();
    expect(await found()).toContain('TooManyLeftovers collector');
    expect(await collect()).toEqual({ collected: 0 });
    const admin = await signIn('admin');
    const shown = await call('GET /v1/findings', { token: admin });
    expect(shown.body).toMatchObject({ sound: false, collection: { state: 'tripped' } });
    expect((await call('POST /v1/findings/actions/unlock', { token: await signIn('operator') })).status).toBe(403);
    expect((await call('POST /v1/findings/actions/unlock', { token: admin })).status).toBe(200);
    expect(await collect()).toEqual({ collected: 5 });
    expect(fake.machines()).toEqual([]);
  });

  it('takes four of eighty without asking', async () => {
    await fleet(80);
    for (let i = 1; i <= 4; i += 1) await leftover(i);
    await audit();
    expect(await collect()).toEqual({ collected: 4 });
  });

  it('is locked after a restore of the table until a person opens it', async () => {
    await audit();
    await leftover(1);
    await audit();
    state.tableId = 'table-2';
    expect(await collect()).toEqual({ collected: 0 });
    await audit();
    expect(await found()).toContain('TableRestored table-2');
    expect(await collect()).toEqual({ collected: 0 });
    const opened = await call('POST /v1/findings/actions/unlock', { token: await signIn('admin') });
    expect(opened).toMatchObject({ status: 200, body: { tableId: 'table-2' } });
    expect(state.of('audit').map(({ action }) => action)).toContain('unlock-collection');
    expect(await collect()).toEqual({ collected: 1 });
    await audit();
    expect(await found()).not.toContain('TableRestored table-2');
  });

  it('deletes none of 1,000 foreign things', async () => {
    const foreign = (i: number) =>
      i % 2 === 0 ? tagged(serial('vm', 5000 + i), 'other') : { InstanceId: `i-${i}`, State: { Name: 'running' } };
    instances = Array.from({ length: 1000 }, (_, i) => foreign(i));
    await leftover(1);
    await audit();
    expect((await found()).filter((finding) => !finding.startsWith('EndNotTold'))).toEqual([
      'MachineLeft vm-0000000000000001',
    ]);
    await collect();
    expect(undone().map(({ vmId }) => vmId)).toEqual(['vm-0000000000000001']);
  });
});
