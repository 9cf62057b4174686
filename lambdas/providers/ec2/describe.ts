import { DescribeInstancesCommand, type Filter, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { raise } from '../../domain/faults.ts';
import type { Observed, Vm } from '../../domain/vm.ts';
import { chunked } from '../../runtime/chunks.ts';
import type { RegionClients } from './clients.ts';
import { toFault, translated } from './errors.ts';
import { type Sight, toObserved } from './to-observed.ts';
import { isAlive } from './traces.ts';

/** The Region of a VM's row. @throws VmLost */
export const regionOf = (vm: Vm): string =>
  vm.location.region ?? raise('VmLost', `${vm.name} lies in no Region that we know.`);

/** The instance id of a VM's row. @throws VmLost */
export const idOf = (vm: Vm): string => vm.providerId ?? raise('VmLost', `${vm.name} has no EC2 instance.`);

/** Sizes that the row knows, since an instance does not tell its volumes'. */
const knownVolumes = (vm: Vm, instance: Instance): Map<string, number> => {
  const known = new Map(vm.disks.flatMap(({ providerId, sizeGiB }) => (providerId ? [[providerId, sizeGiB]] : [])));
  for (const { DeviceName, Ebs } of instance.BlockDeviceMappings ?? []) {
    const asked =
      DeviceName === instance.RootDeviceName
        ? vm.spec?.diskGiB
        : vm.spec?.ec2?.volumes?.find(({ device }) => device === DeviceName)?.sizeGiB;
    if (Ebs?.VolumeId !== undefined && asked !== undefined && !known.has(Ebs.VolumeId)) known.set(Ebs.VolumeId, asked);
  }
  return known;
};

/** How the plane sees an instance of this VM. */
export const sightOf = (installation: string, vm: Vm, instance: Instance): Sight => ({
  installation,
  account: vm.location.account,
  region: regionOf(vm),
  volumeGiB: knownVolumes(vm, instance),
});

/** By id; a row that never got one is found by the tag of its VM, among which a living instance comes first. */
const instanceOf = async ({ ec2 }: RegionClients, installation: string, vm: Vm): Promise<Instance | undefined> => {
  const byTag: Filter[] = [
    { Name: 'tag:novacron:vm', Values: [vm.id] },
    { Name: 'tag:novacron:installation', Values: [installation] },
  ];
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand(vm.providerId === undefined ? { Filters: byTag } : { InstanceIds: [vm.providerId] }),
  );
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return instances.find(isAlive) ?? instances[0];
};

/** What EC2 says of the VM now; undefined where it knows no such instance. @throws Fault */
export const describe = async (clients: RegionClients, installation: string, vm: Vm): Promise<Observed | undefined> => {
  try {
    const instance = await instanceOf(clients, installation, vm);
    return instance && toObserved(instance, sightOf(installation, vm, instance));
  } catch (error) {
    const fault = toFault(error, `Looking at ${vm.name}`);
    if (fault.name === 'VmLost') return undefined;
    throw fault;
  }
};

/** DescribeInstances takes at most 200 values in a filter; with one and a page size it draws from the larger throttle bucket. */
const MOST_VALUES = 200;
const PAGE = 1_000;

/**
 * What EC2 says now of the VMs of one Region, by instance id: a call for 200. By a filter, since of ids one that is gone fails
 * the call for all; who is not in the answer is not there, or not shown yet. @throws Fault
 */
export const describeAll = (
  { ec2: client }: RegionClients,
  installation: string,
  vms: readonly Vm[],
): Promise<ReadonlyMap<string, Observed>> =>
  translated(`Looking at ${vms.length} instances`, async () => {
    const byId = new Map(vms.map((vm) => [vm.providerId ?? '', vm]));
    const seen = new Map<string, Observed>();
    for (const Values of chunked([...byId.keys()], MOST_VALUES)) {
      const asked = { Filters: [{ Name: 'instance-id', Values }] };
      for await (const { Reservations = [] } of paginateDescribeInstances({ client, pageSize: PAGE }, asked)) {
        for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
          const vm = byId.get(instance.InstanceId ?? '');
          if (vm) seen.set(instance.InstanceId ?? '', toObserved(instance, sightOf(installation, vm, instance)));
        }
      }
    }
    return seen;
  });
