import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { listInstances } from '../../../lambdas/providers/ec2/list.ts';
import { ec2Provider } from '../../../lambdas/providers/ec2/provider.ts';
import type { Provider } from '../../../lambdas/providers/provider.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';
import { anEc2Spec, anEc2Vm } from '../../support/ec2.ts';

const OP = `op-${'0'.repeat(26)}`;
const ask = { operationId: OP, attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };
const graceful = { force: false, graceSeconds: 60, skipOsShutdown: false };
const vm = anEc2Vm({ providerId: 'i-1' });

let stubs: ReturnType<typeof stubbedClients>;
let provider: Provider;
let removed: string[];

beforeEach(() => {
  stubs = stubbedClients();
  removed = [];
  provider = ec2Provider({
    installation: 'dev',
    clients: () => stubs.clients,
    userData: { read: async () => '', remove: async (key) => void removed.push(key) },
    pause: async () => {},
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
    stubs.launcher.on(RunInstancesCommand).resolves({ Instances: [{ InstanceId: 'i-1', State: { Name } }] });
    expect(await provider.create(anEc2Vm(), {}, ask)).toMatchObject({ status, observed: { providerId: 'i-1' } });
  });
});

describe('start, stop and reboot', () => {
  it.each([
    ['pending', 'pending'],
    ['running', 'done'],
  ] as const)('starting: EC2 says %s, the answer is %s', async (Name, status) => {
    stubs.ec2.on(StartInstancesCommand).resolves({ StartingInstances: [{ CurrentState: { Name } }] });
    expect(await provider.start(vm, ask)).toMatchObject({ status });
  });

  it.each([
    ['stopping', 'pending', graceful, {}],
    ['stopped', 'done', { ...graceful, force: true }, { Force: true }],
    ['stopping', 'pending', { ...graceful, skipOsShutdown: true }, { SkipOsShutdown: true }],
  ] as const)('stopping: EC2 says %s, the answer is %s', async (Name, status, options, how) => {
    stubs.ec2.on(StopInstancesCommand).resolves({ StoppingInstances: [{ CurrentState: { Name } }] });
    expect(await provider.stop(vm, options, ask)).toMatchObject({ status });
    const [call] = stubs.ec2.commandCalls(StopInstancesCommand);
    expect(call?.args[0].input).toEqual({ InstanceIds: ['i-1'], ...how });
  });

  it('waits for the event where EC2 answers nothing', async () => {
    stubs.ec2.on(StartInstancesCommand).resolves({}).on(StopInstancesCommand).resolves({});
    expect(await provider.start(vm, ask)).toMatchObject({ status: 'pending' });
    expect(await provider.stop(vm, graceful, ask)).toMatchObject({ status: 'pending' });
  });

  it('reboots at once', async () => {
    stubs.ec2.on(RebootInstancesCommand).resolves({});
    expect(await provider.reboot(vm, ask)).toMatchObject({ status: 'done' });
  });

  it.each([
    ['terminated', 'VmLost'],
    ['stopping', 'InvalidTransition'],
  ] as const)('tells an instance that is %s as %s', async (Name, name) => {
    stubs.ec2.on(StartInstancesCommand).rejects(ec2Error('IncorrectInstanceState'));
    shows({ InstanceId: 'i-1', State: { Name } });
    await expect(provider.start(vm, ask)).rejects.toMatchObject({ name });
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

describe('remove', () => {
  const remove = (row = vm) => provider.remove(row, { purge: true }, ask);

  it.each([
    ['shutting-down', 'deleting'],
    ['terminated', 'deleted'],
  ] as const)('is done once EC2 says %s', async (Name, state) => {
    stubs.ec2.on(TerminateInstancesCommand).resolves({ TerminatingInstances: [{ CurrentState: { Name } }] });
    expect(await remove()).toEqual({ status: 'done', observed: { providerId: 'i-1', state } });
  });

  it('is done where it is gone', async () => {
    stubs.ec2.on(TerminateInstancesCommand).rejects(ec2Error('InvalidInstanceID.NotFound'));
    expect(await remove()).toMatchObject({ status: 'done', detail: 'it was gone already' });
  });

  it('finds by its tag what a row without an id stands for', async () => {
    const { providerId: _, ...row } = vm;
    shows();
    expect(await remove(row)).toMatchObject({ detail: 'it has no instance' });
    shows({ InstanceId: 'i-0', State: { Name: 'terminated' } }, { InstanceId: 'i-9', State: { Name: 'running' } });
    stubs.ec2.on(TerminateInstancesCommand).resolves({});
    expect(await remove(row)).toMatchObject({ observed: { providerId: 'i-9' } });
  });

  it.each([
    ['the row is protected', { deletionProtection: true }, [{ Key: 'novacron:protected', Value: 'true' }]],
    ['a person set the protection on EC2', {}, undefined],
  ])('refuses where %s', async (_, changes, Tags) => {
    stubs.ec2.on(TerminateInstancesCommand).rejects(ec2Error('OperationNotPermitted'));
    shows({ InstanceId: 'i-1', ...(Tags && { Tags }) });
    await expect(remove({ ...vm, ...changes })).rejects.toMatchObject({ name: 'VmProtected' });
    expect(stubs.ec2.commandCalls(ModifyInstanceAttributeCommand)).toEqual([]);
  });

  it('refuses where nobody can tell who protected it', async () => {
    stubs.ec2.on(TerminateInstancesCommand).rejects(ec2Error('OperationNotPermitted'));
    stubs.ec2.on(DescribeInstancesCommand).resolves({});
    await expect(remove()).rejects.toMatchObject({ name: 'VmProtected' });
    shows();
    await expect(remove()).rejects.toMatchObject({ name: 'VmProtected' });
  });

  it('takes off the protection that we put on, once the row has it off', async () => {
    stubs.ec2.on(TerminateInstancesCommand).rejectsOnce(ec2Error('OperationNotPermitted')).resolves({});
    stubs.ec2.on(ModifyInstanceAttributeCommand).resolves({});
    shows({ InstanceId: 'i-1', Tags: [{ Key: 'novacron:protected', Value: 'true' }] });
    expect(await remove()).toMatchObject({ status: 'done' });
    const [call] = stubs.ec2.commandCalls(ModifyInstanceAttributeCommand);
    expect(call?.args[0].input).toEqual({ InstanceId: 'i-1', DisableApiTermination: { Value: false } });
  });

  it('passes on what EC2 denies', async () => {
    stubs.ec2.on(TerminateInstancesCommand).rejects(ec2Error('UnauthorizedOperation', 'no', 403));
    await expect(remove()).rejects.toMatchObject({ name: 'ProviderDenied' });
  });
});

describe('undoCreate', () => {
  it('ends everything that the operation launched, and the user-data', async () => {
    const row = anEc2Vm({ deletionProtection: true, spec: anEc2Spec({ userDataKey: 'user-data/1' }) });
    stubs.ec2.on(TerminateInstancesCommand).resolves({});
    shows(
      { InstanceId: 'i-1', State: { Name: 'running' }, Tags: marks },
      { InstanceId: 'i-2', State: { Name: 'terminated' }, Tags: marks },
      { InstanceId: 'i-3', State: { Name: 'running' } },
    );
    expect(await provider.undoCreate(row, ask)).toEqual({ status: 'done', detail: 'terminated' });
    const ended = stubs.ec2.commandCalls(TerminateInstancesCommand).map(({ args: [{ input }] }) => input.InstanceIds);
    expect(ended).toEqual([['i-1']]);
    expect(removed).toEqual(['user-data/1']);
  });

  it('finds that there is nothing to undo', async () => {
    shows();
    expect(await provider.undoCreate(vm, ask)).toEqual({ status: 'done', detail: 'nothing had been launched' });
    expect(removed).toEqual([]);
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
