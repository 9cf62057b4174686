import { createHash } from 'node:crypto';
import type { BlockDeviceMapping, RunInstancesCommandInput, Tag, VolumeType } from '@aws-sdk/client-ec2';
import { raise } from '../../domain/faults.ts';
import { SIZES } from '../../domain/size.ts';
import type { Vm, VmSpec } from '../../domain/vm.ts';
import type { BootImage } from './images.ts';
import type { Template } from './launch-template.ts';

/** One launch: a VM, under an operation, on a rung of its list of types. */
export interface Launch {
  readonly installation: string;
  readonly operationId: string;
  readonly vm: Vm;
  readonly spec: VmSpec;
  readonly instanceType: string;
  readonly rung: number;
  readonly image: BootImage;
  readonly template?: Template | undefined;
  readonly userData: string;
}

/** ClientToken of a rung: the same intent always asks with the same token. 64 hex characters, EC2's limit. */
export const tokenOf = (operationId: string, rung: number): string =>
  createHash('sha256').update(`${operationId}/${rung}`).digest('hex');

/** Set with our own termination protection, so that we take off only what we put on. */
export const PROTECTED_TAG = 'novacron:protected';

const tagsOf = ({ installation, operationId, vm }: Launch): Tag[] =>
  Object.entries({
    ...vm.tags,
    Name: vm.name,
    'novacron:installation': installation,
    'novacron:managed': 'true',
    'novacron:vm': vm.id,
    'novacron:op': operationId,
    ...(vm.deletionProtection ? { [PROTECTED_TAG]: 'true' } : {}),
  }).map(([Key, Value]) => ({ Key, Value }));

/** EBS types that a request may name. */
const VOLUME_TYPES: readonly VolumeType[] = ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard'];

const volumeTypeOf = (name: string): VolumeType =>
  VOLUME_TYPES.find((type) => type === name) ??
  raise('SpecRefused', `There is no volume type ${name}. Types: ${VOLUME_TYPES.join(', ')}.`);

/** What was asked for, as it was asked; else what the size brings, never less than the image needs. */
const rootGiB = (spec: VmSpec, image: BootImage): number =>
  spec.diskGiB ?? Math.max(image.minDiskGiB, SIZES.find(({ name }) => name === spec.size)?.diskGiB ?? 0);

/** The root disk as it is where neither request nor template says otherwise: gone with the instance. */
const rootOf = ({ spec, image }: Launch): BlockDeviceMapping => ({
  DeviceName: image.rootDevice,
  Ebs: { DeleteOnTermination: true, VolumeType: 'gp3', VolumeSize: rootGiB(spec, image) },
});

/** What the request says of disks. */
const askedDisks = ({ spec, image }: Launch): BlockDeviceMapping[] => [
  ...(spec.diskGiB === undefined ? [] : [{ DeviceName: image.rootDevice, Ebs: { VolumeSize: spec.diskGiB } }]),
  ...(spec.ec2?.volumes ?? []).map(({ device, sizeGiB, type }) => ({
    DeviceName: device,
    Ebs: { DeleteOnTermination: true, VolumeType: volumeTypeOf(type), VolumeSize: sizeGiB },
  })),
];

/** The later word on a device holds, and what it leaves open is as the earlier said. */
const over = (earlier: BlockDeviceMapping | undefined, later: BlockDeviceMapping): BlockDeviceMapping =>
  earlier?.Ebs && later.Ebs ? { ...later, Ebs: { ...earlier.Ebs, ...later.Ebs } } : later;

/**
 * Every disk that the instance will have: the image's, the template's, what was asked for. All are named, so that all are
 * encrypted: EC2 makes a disk that a request does not name as image or template say.
 */
const disksOf = (launch: Launch): BlockDeviceMapping[] => {
  const { image, template } = launch;
  const disks = new Map<string, BlockDeviceMapping>();
  for (const disk of [rootOf(launch), ...image.disks, ...(template?.disks ?? []), ...askedDisks(launch)]) {
    const device = disk.DeviceName ?? '';
    disks.set(device, over(disks.get(device), disk));
  }
  return [...disks.values()].map((disk) => (disk.Ebs ? { ...disk, Ebs: { ...disk.Ebs, Encrypted: true } } : disk));
};

const placeOf = ({ vm, spec }: Launch): Partial<RunInstancesCommandInput> => ({
  ...(spec.ec2?.subnetId === undefined ? {} : { SubnetId: spec.ec2.subnetId }),
  // A subnet lies in one zone already.
  ...(spec.ec2?.subnetId === undefined && vm.location.zone !== undefined
    ? { Placement: { AvailabilityZone: vm.location.zone } }
    : {}),
  ...(spec.ec2?.securityGroupIds === undefined ? {} : { SecurityGroupIds: spec.ec2.securityGroupIds }),
});

/** The one RunInstances request of a rung: the same launch always gives the same request, as its client token demands. */
export const runInstancesInput = (launch: Launch): RunInstancesCommandInput => {
  const { spec, vm, image, template, instanceType, operationId, rung, userData } = launch;
  const tags = tagsOf(launch);
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: tokenOf(operationId, rung),
    ImageId: image.imageId,
    // EC2's own list of types is an open one; ours was checked by pattern.
    InstanceType: instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    BlockDeviceMappings: disksOf(launch),
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
    DisableApiTermination: vm.deletionProtection,
    UserData: userData,
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: tags },
    ],
    ...placeOf(launch),
    ...(spec.ec2?.hibernate ? { HibernationOptions: { Configured: true } } : {}),
    ...(spec.ec2?.keyName === undefined ? {} : { KeyName: spec.ec2.keyName }),
    ...(template ? { LaunchTemplate: template.launchTemplate } : {}),
  };
};
