import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { readTemplate } from '../../../lambdas/providers/ec2/launch-template.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';

it.each([
  ['lt-0123', { LaunchTemplateId: 'lt-0123' }, '$Default'],
  ['lt-0123:7', { LaunchTemplateId: 'lt-0123' }, '7'],
  ['lt-web', { LaunchTemplateName: 'lt-web' }, '$Default'],
  ['web:$Latest', { LaunchTemplateName: 'web' }, '$Latest'],
])('reads %s, and launches just the version that was read', async (name, which, Version) => {
  const { clients, ec2 } = stubbedClients();
  const disks = [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 5 } }];
  ec2.on(DescribeLaunchTemplateVersionsCommand, { ...which, Versions: [Version], ResolveAlias: true }).resolves({
    LaunchTemplateVersions: [
      { VersionNumber: 7, LaunchTemplateData: { ImageId: 'ami-7', BlockDeviceMappings: disks } },
    ],
  });
  expect(await readTemplate(clients.ec2, name)).toEqual({
    launchTemplate: { ...which, Version: '7' },
    imageId: 'ami-7',
    disks,
  });
});

it('takes one that says nothing of image and disks', async () => {
  const { clients, ec2 } = stubbedClients();
  ec2.on(DescribeLaunchTemplateVersionsCommand).resolves({ LaunchTemplateVersions: [{}] });
  expect(await readTemplate(clients.ec2, 'web:3')).toEqual({
    launchTemplate: { LaunchTemplateName: 'web', Version: '3' },
    disks: [],
  });
});

it.each([
  ['no such version', {}, 'SpecRefused'],
  ['no such template', ec2Error('InvalidLaunchTemplateName.NotFoundException'), 'SpecRefused'],
  ['a missing right', ec2Error('UnauthorizedOperation'), 'ProviderDenied'],
])('answers %s by its fault', async (_, answer, name) => {
  const { clients, ec2 } = stubbedClients();
  const command = ec2.on(DescribeLaunchTemplateVersionsCommand);
  if (answer instanceof Error) command.rejects(answer);
  else command.resolves(answer);
  await expect(readTemplate(clients.ec2, 'web')).rejects.toMatchObject({ name });
});
