import type { BlockDeviceMapping, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { type Launch, runInstancesInput, tokenOf } from '../../../lambdas/providers/ec2/run-instances.ts';
import { anEc2Spec, anEc2Vm } from '../../support/ec2.ts';

const aLaunch = (changes: Partial<Launch> = {}): Launch => ({
  installation: 'dev',
  operationId: 'op-1',
  vm: anEc2Vm({ id: 'vm-0123456789abcdef' }),
  spec: anEc2Spec(),
  instanceType: 't3.small',
  rung: 0,
  image: { imageId: 'ami-1', rootDevice: '/dev/xvda', minDiskGiB: 8, disks: [] },
  userData: 'IyE=',
  ...changes,
});
const inputOf = (changes?: Partial<Launch>) => runInstancesInput(aLaunch(changes));

it('asks for exactly one, marked, with IMDSv2 and an encrypted disk', () => {
  const marks = [
    { Key: 'env', Value: 'test' },
    { Key: 'Name', Value: 'web-2' },
    { Key: 'novacron:installation', Value: 'dev' },
    { Key: 'novacron:managed', Value: 'true' },
    { Key: 'novacron:vm', Value: 'vm-0123456789abcdef' },
    { Key: 'novacron:op', Value: 'op-1' },
  ];
  expect(inputOf()).toEqual({
    MinCount: 1,
    MaxCount: 1,
    ClientToken: tokenOf('op-1', 0),
    ImageId: 'ami-1',
    InstanceType: 't3.small',
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { Encrypted: true, DeleteOnTermination: true, VolumeType: 'gp3', VolumeSize: 10 },
      },
    ],
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
    DisableApiTermination: false,
    UserData: 'IyE=',
    TagSpecifications: [
      { ResourceType: 'instance', Tags: marks },
      { ResourceType: 'volume', Tags: marks },
    ],
  });
});

it('gives each operation and rung a token of its own, within the 64 characters of EC2', () => {
  const tokens = [tokenOf('op-1', 0), tokenOf('op-1', 1), tokenOf('op-2', 0)];
  expect(new Set(tokens).size).toBe(3);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/);
});

it.each([
  ['what was asked', { diskGiB: 40 }, 8, 40],
  ["the size's", { size: 'xlarge' }, 8, 40],
  ['what the image needs', {}, 30, 30],
  ["the image's where only a type was asked for", { size: undefined }, 12, 12],
])('sizes the root disk by %s', (_, spec, minDiskGiB, gib) => {
  const { size, ...rest } = { ...anEc2Spec(), ...spec };
  const input = inputOf({
    spec: { ...rest, ...(size && { size }) },
    image: { imageId: 'ami-1', rootDevice: '/dev/sda1', minDiskGiB, disks: [] },
  });
  expect(input.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize).toBe(gib);
});

it('protects, and marks its own protection', () => {
  const input = inputOf({ vm: anEc2Vm({ deletionProtection: true }) });
  expect(input.DisableApiTermination).toBe(true);
  expect(input.TagSpecifications?.[0]?.Tags).toContainEqual({ Key: 'novacron:protected', Value: 'true' });
});

it('puts it where it was asked to be', () => {
  const zoned = anEc2Vm({ location: { region: 'us-east-1', zone: 'us-east-1c' } });
  expect(inputOf({ vm: zoned }).Placement).toEqual({ AvailabilityZone: 'us-east-1c' });
  const ec2 = { subnetId: 'subnet-1', securityGroupIds: ['sg-1'], keyName: 'k' };
  const input = inputOf({ vm: zoned, spec: anEc2Spec({ ec2 }) });
  expect(input).toMatchObject({ SubnetId: 'subnet-1', SecurityGroupIds: ['sg-1'], KeyName: 'k' });
  expect(input.Placement).toBeUndefined();
});

it('encrypts every further volume, and knows its types', () => {
  const volumes = [{ device: '/dev/sdf', sizeGiB: 100, type: 'st1' }];
  expect(inputOf({ spec: anEc2Spec({ ec2: { volumes } }) }).BlockDeviceMappings?.[1]).toEqual({
    DeviceName: '/dev/sdf',
    Ebs: { Encrypted: true, DeleteOnTermination: true, VolumeType: 'st1', VolumeSize: 100 },
  });
  const wrong = anEc2Spec({ ec2: { volumes: [{ device: '/dev/sdf', sizeGiB: 1, type: 'floppy' }] } });
  expect(() => inputOf({ spec: wrong })).toThrow(expect.objectContaining({ name: 'SpecRefused' }));
});

const template = (...disks: BlockDeviceMapping[]) => ({
  launchTemplate: { LaunchTemplateId: 'lt-0123', Version: '7' },
  disks,
});
const image = (...disks: BlockDeviceMapping[]) => ({
  imageId: 'ami-1',
  rootDevice: '/dev/xvda',
  minDiskGiB: 8,
  disks,
});
const diskNamed = (input: RunInstancesCommandInput, device: string) =>
  input.BlockDeviceMappings?.filter(({ DeviceName }) => DeviceName === device);

it('starts from a launch template, in the version that was read', () => {
  expect(inputOf({ template: template() }).LaunchTemplate).toEqual({ LaunchTemplateId: 'lt-0123', Version: '7' });
  expect(inputOf()).not.toHaveProperty('LaunchTemplate');
});

it.each([
  ['the image', { image: image({ DeviceName: '/dev/sdg', Ebs: { SnapshotId: 'snap-1', Encrypted: false } }) }],
  ['the template', { template: template({ DeviceName: '/dev/sdg', Ebs: { SnapshotId: 'snap-1' } }) }],
  [
    'both',
    {
      image: image({ DeviceName: '/dev/sdg', Ebs: { SnapshotId: 'snap-1' } }),
      template: template({ DeviceName: '/dev/sdg', Ebs: { Encrypted: false } }),
    },
  ],
])('encrypts a disk that only %s names, and leaves it as it is else', (_, changes) => {
  const asked = [{ DeviceName: '/dev/sdg', Ebs: { SnapshotId: 'snap-1', Encrypted: true } }];
  expect(diskNamed(inputOf(changes), '/dev/sdg')).toEqual(asked);
});

it('takes the root disk of a template, but for the size that was asked for', () => {
  const root = {
    DeviceName: '/dev/xvda',
    Ebs: { VolumeSize: 50, VolumeType: 'io2', Iops: 4000, Encrypted: false },
  } as const;
  const rootOf = (spec = anEc2Spec()) => diskNamed(inputOf({ spec, template: template(root) }), '/dev/xvda');
  const kept = { VolumeType: 'io2', Iops: 4000, DeleteOnTermination: true, Encrypted: true };
  expect(rootOf()).toEqual([{ DeviceName: '/dev/xvda', Ebs: { ...kept, VolumeSize: 50 } }]);
  expect(rootOf(anEc2Spec({ diskGiB: 60 }))).toMatchObject([{ Ebs: { ...kept, VolumeSize: 60 } }]);
});

it('leaves out what a template leaves out, and its instance store as it is', () => {
  const none = { DeviceName: '/dev/sdg', NoDevice: '' };
  const store = { DeviceName: '/dev/sdh', VirtualName: 'ephemeral0' };
  const input = inputOf({ image: image({ DeviceName: '/dev/sdg', Ebs: {} }), template: template(none, store) });
  expect(input.BlockDeviceMappings?.slice(1)).toEqual([none, store]);
});
