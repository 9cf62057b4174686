import { type EC2Client, type Instance, paginateDescribeInstances, paginateDescribeVolumes } from '@aws-sdk/client-ec2';
import type { Observed } from '../../domain/vm.ts';
import { toFault } from './errors.ts';
import { type Sight, toObserved } from './to-observed.ts';

/** DescribeInstances and DescribeVolumes give at most 1,000 a page; a page size moves a call to the larger throttle bucket. */
const PAGE = 1000;

/** What costs or holds something; terminated instances linger for an hour and are nobody's VMs. */
const ALIVE = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

const volumesOf = async (client: EC2Client): Promise<Map<string, number>> => {
  const sizes = new Map<string, number>();
  for await (const { Volumes = [] } of paginateDescribeVolumes({ client, pageSize: PAGE }, {})) {
    for (const { VolumeId, Size } of Volumes)
      if (VolumeId !== undefined && Size !== undefined) sizes.set(VolumeId, Size);
  }
  return sizes;
};

/** Every instance of the client's Region, ours and strangers alike, a page at a time. @throws Fault */
export async function* listInstances(client: EC2Client, where: Omit<Sight, 'volumeGiB'>): AsyncGenerator<Observed> {
  try {
    const sight = { ...where, volumeGiB: await volumesOf(client) };
    const alive = { Filters: [{ Name: 'instance-state-name', Values: ALIVE }] };
    for await (const { Reservations = [] } of paginateDescribeInstances({ client, pageSize: PAGE }, alive)) {
      for (const instance of Reservations.flatMap(({ Instances = [] }): Instance[] => Instances)) {
        yield toObserved(instance, sight);
      }
    }
  } catch (error) {
    throw toFault(error, `Listing the instances of ${where.region}`);
  }
}
