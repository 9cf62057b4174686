import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2';
import { OperationId, VmId } from '../../domain/ids.ts';
import { shapeOfType } from '../../domain/size.ts';
import type { Disk, Nic, Observed } from '../../domain/vm.ts';
import type { VmState } from '../../domain/vm-state.ts';

/** Where an instance was seen, and by which installation. */
export interface Sight {
  readonly installation: string;
  readonly account?: string | undefined;
  readonly region: string;
  /** GiB by volume id, where somebody has asked for it: an instance itself does not tell the size of its volumes. */
  readonly volumeGiB?: ReadonlyMap<string, number>;
}

const STATES: Record<InstanceStateName, VmState> = {
  pending: 'pending',
  running: 'running',
  stopping: 'stopping',
  stopped: 'stopped',
  'shutting-down': 'deleting',
  terminated: 'deleted',
};

const isStateName = (name: string): name is InstanceStateName => Object.hasOwn(STATES, name);

/** EC2's word for a state, from an answer or an event, in ours; `unknown` for one that EC2 invents later. */
export const stateOfEc2 = (name: string | undefined): VmState =>
  name !== undefined && isStateName(name) ? STATES[name] : 'unknown';

const tagsOf = (instance: Instance): Record<string, string> =>
  Object.fromEntries((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** Tags of the user: ours and AWS's own are not theirs to see or change. */
const usersOwn = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).filter(([key]) => key !== 'Name' && !key.startsWith('novacron:') && !key.startsWith('aws:')),
  );

const disksOf = (instance: Instance, volumeGiB: ReadonlyMap<string, number>): Disk[] =>
  (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    const sizeGiB = volumeGiB.get(Ebs?.VolumeId ?? '');
    if (DeviceName === undefined || Ebs?.VolumeId === undefined || sizeGiB === undefined) return [];
    return [{ name: DeviceName, sizeGiB, boot: DeviceName === instance.RootDeviceName, providerId: Ebs.VolumeId }];
  });

const known = (texts: readonly (string | undefined)[]): string[] =>
  texts.filter((text) => text !== undefined).filter((text) => text !== '');

const nicsOf = (instance: Instance): Nic[] =>
  (instance.NetworkInterfaces ?? []).map(({ MacAddress, SubnetId, PrivateIpAddresses = [], Ipv6Addresses = [] }) => ({
    ...(MacAddress === undefined ? {} : { mac: MacAddress }),
    ...(SubnetId === undefined ? {} : { network: SubnetId }),
    addresses: known([
      ...PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress),
      ...Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
    ]),
  }));

/** Public first: that is what a person connects to. */
const addressesOf = (instance: Instance, nics: readonly Nic[]): string[] => [
  ...new Set(known([instance.PublicIpAddress, instance.PrivateIpAddress, ...nics.flatMap((nic) => nic.addresses)])),
];

const shapeOf = ({ InstanceType, CpuOptions }: Instance): { vcpus: number; memoryMiB: number } => {
  const type = shapeOfType(InstanceType ?? '');
  const counted = (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1);
  return { vcpus: counted > 0 ? counted : (type?.vcpus ?? 0), memoryMiB: type?.memoryMiB ?? 0 };
};

/** The mark of this installation on an instance; what other installations or people tagged does not count. */
const markOf = (tags: Record<string, string>, installation: string): Pick<Observed, 'vmId' | 'operationId'> => {
  if (tags['novacron:installation'] !== installation) return {};
  const vmId = VmId.safeParse(tags['novacron:vm']);
  const operationId = OperationId.safeParse(tags['novacron:op']);
  return {
    ...(vmId.success ? { vmId: vmId.data } : {}),
    ...(operationId.success ? { operationId: operationId.data } : {}),
  };
};

/** One EC2 instance, ours or a stranger's, in our words. */
export const toObserved = (instance: Instance, sight: Sight): Observed => {
  const tags = tagsOf(instance);
  const nics = nicsOf(instance);
  const zone = instance.Placement?.AvailabilityZone;
  const providerId = instance.InstanceId ?? '';
  return {
    providerId,
    name: tags.Name || providerId,
    state: stateOfEc2(instance.State?.Name),
    ...markOf(tags, sight.installation),
    location: {
      ...(sight.account === undefined ? {} : { account: sight.account }),
      region: sight.region,
      ...(zone === undefined ? {} : { zone }),
    },
    ...(instance.InstanceType === undefined ? {} : { instanceType: instance.InstanceType }),
    ...shapeOf(instance),
    disks: disksOf(instance, sight.volumeGiB ?? new Map()),
    nics,
    addresses: addressesOf(instance, nics),
    tags: usersOwn(tags),
  };
};
