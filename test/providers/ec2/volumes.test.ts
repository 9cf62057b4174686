import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { listVolumes } from '../../../lambdas/providers/ec2/volumes.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';

const CreateTime = new Date('2026-11-25T10:00:00.000Z');

it('lists the volumes of an installation over all pages, but those on their way out', async () => {
  const { clients, ec2 } = stubbedClients();
  ec2
    .on(DescribeVolumesCommand)
    .resolvesOnce({
      NextToken: 'more',
      Volumes: [
        { VolumeId: 'vol-1', State: 'in-use', CreateTime, Tags: [{ Key: 'novacron:vm', Value: 'vm-1' }] },
        { VolumeId: 'vol-2', State: 'deleting', CreateTime },
        { VolumeId: 'vol-3', State: 'deleted', CreateTime },
      ],
    })
    .resolvesOnce({ Volumes: [{ VolumeId: 'vol-4', State: 'available', Tags: [{ Key: 'Name', Value: 'x' }] }] })
    .resolves({});
  expect(await listVolumes(clients.ec2, 'unit')).toEqual([
    { id: 'vol-1', vmId: 'vm-1', attached: true, createdAt: CreateTime.toISOString() },
    // Without a time it is as old as can be, so that no grace hides it.
    { id: 'vol-4', attached: false, createdAt: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(ec2.commandCalls(DescribeVolumesCommand)[0]?.args[0].input.Filters).toEqual([
    { Name: 'tag:novacron:installation', Values: ['unit'] },
  ]);
  expect(await listVolumes(clients.ec2, 'unit')).toEqual([]);
});

it('fails by one of our names', async () => {
  const { clients, ec2 } = stubbedClients();
  ec2.on(DescribeVolumesCommand).rejects(ec2Error('RequestLimitExceeded', 'slow down', 503));
  await expect(listVolumes(clients.ec2, 'unit')).rejects.toMatchObject({ name: 'Throttled' });
});
