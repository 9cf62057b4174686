import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  type Instance,
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../../../lambdas/providers/ec2/actions.ts';
import { listInstances } from '../../../lambdas/providers/ec2/list.ts';
import { ec2Provider } from '../../../lambdas/providers/ec2/provider.ts';
import type { Provider, StopOptions } from '../../../lambdas/providers/provider.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';
import { anEc2Spec, anEc2Vm } from '../../support/ec2.ts';

const OP = `op-${'0'.repeat(26)}`;
const ask = { operationId: OP, attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };
const graceful: StopOptions = { mode: 'stop', force: false, graceSeconds: 60, skipOsShutdown: false };
const vm = anEc2Vm({ providerId: 'i-1' });

let stubs: ReturnType<typeof stubbedClients>;
let provider: Provider;
let ordered: [Action, number][];

beforeEach(() => {
  stubs = stubbedClients();
  ordered = [];
  provider = ec2Provider({
    installation: 'dev',
    clients: () => stubs.clients,
    userData: async () => '',
    pause: async () => {},
    order: async (action, delay) => void ordered.push([action, delay]),
  });
});

const shows = (...Instances: Instance[]) =>
  stubs.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
const marks = [
  { Key: 'novacron:installation', Value: 'dev' },
  { Key: 'novacron:op', Value: OP },
];

describe('create', () => {
  it.each([
    ['pending', 'pending'],
    ['running', 'done'],
  ] as const)('an instance that is %s makes the answer %s, with its id at once', async (Name, status) => {
    stubs.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-1' } });
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [{ InstanceId: 'i-1', State: { Name } }] });
    expect(await provider.create(anEc2Vm(), {}, ask)).toMatchObject({ status, observed: { providerId: 'i-1' } });
  });
});

describe('what is asked in company', () => {
  const common = { region: 'us-east-1', account: '000000000000', operationId: OP, attempt: 1, refused: 0 };
  const action = { ...common, vmId: vm.id, instanceId: 'i-1' };

  it.each([
    ['start', () => provider.start(vm, ask), {}],
    ['stop', () => provider.stop(vm, graceful, ask), {}],
    ['stop', () => provider.stop(vm, { ...graceful, force: true }, ask), { force: true }],
    ['stop', () => provider.stop(vm, { ...graceful, skipOsShutdown: true }, ask), { skipOsShutdown: true }],
    ['terminate', () => provider.remove(vm, { purge: true }, ask), {}],
  ] as const)('%s goes into the queue, and no call is made', async (name, call, how) => {
    expect(await call()).toEqual({ status: 'pending' });
    expect(ordered).toEqual([[{ ...action, action: name, ...how }, 0]]);
    expect([...stubs.ec2.calls(), ...stubs.changing.calls()]).toEqual([]);
  });

  it('a launch that EC2 refuses for haste waits there too, and says so', async () => {
    stubs.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-1' } });
    stubs.changing.on(RunInstancesCommand).rejects(ec2Error('RequestLimitExceeded', '', 503));
    const answer = await provider.create(vm, {}, { ...ask, refused: 2 });
    expect(answer).toEqual({ status: 'pending', detail: expect.stringContaining('refused 3 times') });
    expect(ordered).toEqual([[{ ...common, vmId: vm.id, action: 'launch', refused: 3 }, expect.any(Number)]]);
  });
});

describe('reboot', () => {
  it('reboots at once', async () => {
    stubs.changing.on(RebootInstancesCommand).resolves({});
    expect(await provider.reboot(vm, ask)).toMatchObject({ status: 'done' });
  });

  it.each([
    ['terminated', 'VmLost'],
    ['stopping', 'InvalidTransition'],
  ] as const)('tells an instance that is %s as %s', async (Name, name) => {
    stubs.changing.on(RebootInstancesCommand).rejects(ec2Error('IncorrectInstanceState'));
    shows({ InstanceId: 'i-1', State: { Name } });
    await expect(provider.reboot(vm, ask)).rejects.toMatchObject({ name });
  });

  it.each([
    ['no instance', { providerId: undefined }],
    ['no Region', { location: {} }],
  ])('knows a row with %s for lost', async (_, changes) => {
    const { providerId, ...rest } = { ...vm, ...changes };
    const row = { ...rest, ...(providerId && { providerId }) };
    await expect(provider.reboot(row, ask)).rejects.toMatchObject({ name: 'VmLost' });
  });
});

it.each(['reset', 'undelete'] as const)('says that it cannot %s, before anything is asked', async (verb) => {
  expect(provider.capabilities.has(verb)).toBe(false);
  await expect(provider[verb](vm, ask)).rejects.toMatchObject({ name: 'CapabilityMissing' });
  expect(stubs.ec2.calls()).toEqual([]);
});

it('a row without an id is removed by its tag, and is gone where nothing carries it', async () => {
  const { providerId: _, ...row } = vm;
  shows();
  const remove = () => provider.remove(row, { purge: true }, ask);
  expect(await remove()).toEqual({ status: 'done', detail: 'it has no instance' });
  shows({ InstanceId: 'i-0', State: { Name: 'terminated' } }, { InstanceId: 'i-9', State: { Name: 'running' } });
  expect(await remove()).toEqual({ status: 'pending' });
  expect(ordered.map(([action]) => action.instanceId)).toEqual(['i-9']);
});

describe('undoCreate', () => {
  it('ends everything that the operation launched', async () => {
    const row = anEc2Vm({ deletionProtection: true });
    stubs.changing.on(TerminateInstancesCommand).resolves({});
    shows(
      { InstanceId: 'i-1', State: { Name: 'running' }, Tags: marks },
      { InstanceId: 'i-2', State: { Name: 'terminated' }, Tags: marks },
      { InstanceId: 'i-3', State: { Name: 'running' } },
    );
    expect(await provider.undoCreate(row, ask)).toEqual({ status: 'done', detail: 'terminated' });
    const ended = stubs.changing
      .commandCalls(TerminateInstancesCommand)
      .map(({ args: [{ input }] }) => input.InstanceIds);
    expect(ended).toEqual([['i-1']]);
  });

  it('finds that there is nothing to undo', async () => {
    shows();
    expect(await provider.undoCreate(vm, ask)).toEqual({ status: 'done', detail: 'nothing had been launched' });
  });
});

describe('describe', () => {
  it('knows the size of disks by the row and by what was asked', async () => {
    const volumes = [{ device: '/dev/sdf', sizeGiB: 50, type: 'gp3' }];
    const row = {
      ...vm,
      spec: anEc2Spec({ diskGiB: 12, ec2: { volumes } }),
      disks: [
        { name: 'x', sizeGiB: 9, boot: false, providerId: 'vol-3' },
        { name: 'unnamed', sizeGiB: 1, boot: false },
      ],
    };
    shows({
      InstanceId: 'i-1',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1' } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-2' } },
        { DeviceName: '/dev/sdg', Ebs: { VolumeId: 'vol-3' } },
        { DeviceName: '/dev/sdh', Ebs: { VolumeId: 'vol-4' } },
        { DeviceName: '/dev/sdi' },
      ],
    });
    const sizes = (await provider.describe(row))?.disks.map(({ providerId, sizeGiB }) => [providerId, sizeGiB]);
    expect(sizes).toEqual([
      ['vol-1', 12],
      ['vol-2', 50],
      ['vol-3', 9],
    ]);
  });

  it('says undefined for what EC2 does not know', async () => {
    stubs.ec2.on(DescribeInstancesCommand).rejects(ec2Error('InvalidInstanceID.NotFound'));
    expect(await provider.describe(vm)).toBeUndefined();
    stubs.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{}] });
    expect(await provider.describe(vm)).toBeUndefined();
    stubs.ec2.on(DescribeInstancesCommand).resolves({});
    expect(await provider.describe(vm)).toBeUndefined();
  });

  it('passes on that it was asked too often', async () => {
    stubs.ec2.on(DescribeInstancesCommand).rejects(ec2Error('RequestLimitExceeded', '', 503));
    await expect(provider.describe(vm)).rejects.toMatchObject({ name: 'Throttled' });
  });
});

describe('consoleLog', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('gives the tail, and no half character', async () => {
    stubs.ec2.on(GetConsoleOutputCommand).resolves({ Output: base64('boot… grün login:') });
    expect(await provider.consoleLog(vm, { bytes: 7 })).toBe(' login:');
    expect(await provider.consoleLog(vm, { bytes: 9 })).toBe('n login:');
    expect(await provider.consoleLog(vm, { bytes: 1000 })).toBe('boot… grün login:');
  });

  it('takes what came with the boot where the type has no live console', async () => {
    stubs.ec2
      .on(GetConsoleOutputCommand, { Latest: true })
      .rejects(ec2Error('UnsupportedOperation'))
      .on(GetConsoleOutputCommand, { InstanceId: 'i-1' })
      .resolves({ Output: base64('old') });
    stubs.ec2
      .on(GetConsoleOutputCommand, { InstanceId: 'i-1', Latest: true })
      .rejects(ec2Error('UnsupportedOperation'));
    expect(await provider.consoleLog(vm, { bytes: 10 })).toBe('old');
  });

  it('is empty where there is none yet, and a fault where there is no VM', async () => {
    stubs.ec2.on(GetConsoleOutputCommand).resolves({});
    expect(await provider.consoleLog(vm, { bytes: 10 })).toBe('');
    stubs.ec2.on(GetConsoleOutputCommand).rejects(ec2Error('InvalidInstanceID.NotFound'));
    await expect(provider.consoleLog(vm, { bytes: 10 })).rejects.toMatchObject({ name: 'VmLost' });
  });
});

describe('the list of a Region', () => {
  const where = { installation: 'dev', account: '1', region: 'us-east-1' };
  const listed = () => Array.fromAsync(listInstances(stubs.clients.ec2, where));

  it('reads every page, and every volume first', async () => {
    stubs.ec2
      .on(DescribeVolumesCommand)
      .resolvesOnce({ Volumes: [{ VolumeId: 'vol-1', Size: 8 }, {}], NextToken: 'more' })
      .resolves({});
    const disk = { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1' } }] };
    stubs.ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-1', ...disk }] }, {}], NextToken: 'more' })
      .resolvesOnce({ NextToken: 'last' })
      .resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-2' }] }] });
    const observed = await listed();
    expect(observed.map(({ providerId }) => providerId)).toEqual(['i-1', 'i-2']);
    expect(observed[0]?.disks).toEqual([{ name: '/dev/xvda', sizeGiB: 8, boot: false, providerId: 'vol-1' }]);
  });

  it('fails by one of our names', async () => {
    stubs.ec2.on(DescribeVolumesCommand).rejects(ec2Error('UnauthorizedOperation', 'no', 403));
    await expect(listed()).rejects.toMatchObject({ name: 'ProviderDenied' });
  });
});
