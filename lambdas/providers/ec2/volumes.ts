import { type EC2Client, paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import { translated } from './errors.ts';

/** A volume that carries the mark of an installation. */
export interface MarkedVolume {
  readonly id: string;
  readonly vmId?: string;
  readonly attached: boolean;
  readonly createdAt: string;
}

const seen = ({ VolumeId: id = '', Tags = [], State, CreateTime }: Volume): MarkedVolume => {
  const vmId = Tags.find(({ Key }) => Key === 'novacron:vm')?.Value;
  return {
    id,
    ...(vmId === undefined ? {} : { vmId }),
    attached: State === 'in-use',
    createdAt: (CreateTime ?? new Date(0)).toISOString(),
  };
};

/** The volumes of an installation in the client's Region. @throws Fault */
export const listVolumes = (client: EC2Client, installation: string): Promise<MarkedVolume[]> =>
  translated('Listing volumes', async () => {
    const marked = { Filters: [{ Name: 'tag:novacron:installation', Values: [installation] }] };
    const volumes: MarkedVolume[] = [];
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client, pageSize: 500 }, marked)) {
      volumes.push(...Volumes.filter(({ State }) => State !== 'deleting' && State !== 'deleted').map(seen));
    }
    return volumes;
  });
