import { expect, it } from 'vitest';
import { Observed } from '../../../lambdas/domain/vm.ts';
import { stateOfEc2, toObserved } from '../../../lambdas/providers/ec2/to-observed.ts';

const sight = { installation: 'dev', account: '111122223333', region: 'us-east-1' };
const VM = 'vm-0123456789abcdef';
const OP = `op-${'0'.repeat(26)}`;
const tags = (entries: Record<string, string>) => Object.entries(entries).map(([Key, Value]) => ({ Key, Value }));
const marks = { 'novacron:installation': 'dev', 'novacron:vm': VM, 'novacron:op': OP };

it.each([
  ['pending', 'pending'],
  ['running', 'running'],
  ['stopping', 'stopping'],
  ['stopped', 'stopped'],
  ['shutting-down', 'deleting'],
  ['terminated', 'deleted'],
  ['hovering', 'unknown'],
  ['toString', 'unknown'],
  [undefined, 'unknown'],
])('EC2 says %s, we say %s', (theirs, ours) => expect(stateOfEc2(theirs)).toBe(ours));

it('shows one of ours with all that is known of it', () => {
  const instance = {
    InstanceId: 'i-1',
    InstanceType: 't3.small' as const,
    State: { Name: 'running' as const },
    Placement: { AvailabilityZone: 'us-east-1b' },
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1' } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-2' } },
      { DeviceName: '/dev/sdg', Ebs: { VolumeId: 'vol-of-unknown-size' } },
      { Ebs: {} },
    ],
    PublicIpAddress: '198.51.100.7',
    PrivateIpAddress: '10.0.0.5',
    NetworkInterfaces: [
      {
        MacAddress: '0a:00:00:00:00:01',
        SubnetId: 'subnet-1',
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.5' }, {}],
        Ipv6Addresses: [{ Ipv6Address: '2001:db8::5' }],
      },
      {},
    ],
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
    Tags: tags({ ...marks, Name: 'web-1', env: 'prod', 'aws:autoscaling:groupName': 'asg' }),
  };
  const volumeGiB = new Map([
    ['vol-1', 8],
    ['vol-2', 100],
  ]);
  const observed = toObserved(instance, { ...sight, volumeGiB });
  expect(Observed.parse(observed)).toEqual({
    providerId: 'i-1',
    name: 'web-1',
    state: 'running',
    vmId: VM,
    operationId: OP,
    location: { account: '111122223333', region: 'us-east-1', zone: 'us-east-1b' },
    instanceType: 't3.small',
    vcpus: 2,
    memoryMiB: 2048,
    disks: [
      { name: '/dev/xvda', sizeGiB: 8, boot: true, providerId: 'vol-1' },
      { name: '/dev/sdf', sizeGiB: 100, boot: false, providerId: 'vol-2' },
    ],
    nics: [
      { mac: '0a:00:00:00:00:01', network: 'subnet-1', addresses: ['10.0.0.5', '2001:db8::5'] },
      { addresses: [] },
    ],
    addresses: ['198.51.100.7', '10.0.0.5', '2001:db8::5'],
    tags: { env: 'prod' },
  });
});

it('shows a bare stranger under its own id', () => {
  const observed = toObserved({ InstanceId: 'i-2' }, { installation: 'dev', region: 'us-east-1' });
  expect(Observed.parse(observed)).toEqual({
    providerId: 'i-2',
    name: 'i-2',
    state: 'unknown',
    location: { region: 'us-east-1' },
    vcpus: 0,
    memoryMiB: 0,
    disks: [],
    nics: [],
    addresses: [],
    tags: {},
  });
});

it.each([
  ['another installation', { ...marks, 'novacron:installation': 'prod' }],
  ['no installation', { 'novacron:vm': VM }],
  ['an id that is none', { ...marks, 'novacron:vm': 'vm-<x>', 'novacron:op': '{{op}}' }],
])('does not take for ours what carries %s', (_, marked) => {
  expect(toObserved({ InstanceId: 'i-3', Tags: tags(marked) }, sight)).not.toHaveProperty('vmId');
});

it('takes vCPU from the type where EC2 does not count them, and survives empty tags', () => {
  const instance = { InstanceType: 'm5.xlarge' as const, Tags: [{}], CpuOptions: { CoreCount: 0 } };
  expect(toObserved(instance, sight)).toMatchObject({ providerId: '', vcpus: 4, memoryMiB: 16_384 });
  expect(toObserved({ CpuOptions: { CoreCount: 3 } }, sight).vcpus).toBe(3);
});
