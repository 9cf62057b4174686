import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { EC2_IMAGE_ALIASES } from '../../../lambdas/domain/ec2-image.ts';
import { bootImage } from '../../../lambdas/providers/ec2/images.ts';
import { ec2Error, ssmError, stubbedClients } from '../../support/aws.ts';

it.each([
  ['al2023', 'x86_64', /al2023-ami-kernel-default-x86_64$/, '/dev/xvda'],
  ['al2023', 'arm64', /al2023-ami-kernel-default-arm64$/, '/dev/xvda'],
  ['ubuntu-24.04', 'x86_64', /canonical\/ubuntu\/server\/24\.04\/.*\/amd64\//, '/dev/sda1'],
  ['ubuntu-24.04', 'arm64', /\/arm64\/hvm/, '/dev/sda1'],
  ['debian-12', 'x86_64', /debian\/release\/12\/latest\/amd64$/, '/dev/xvda'],
] as const)('finds %s for %s by its public parameter', async (alias, architecture, parameter, rootDevice) => {
  const { clients, ssm } = stubbedClients();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-1' } });
  expect(await bootImage(clients, alias, architecture)).toEqual({
    imageId: 'ami-1',
    rootDevice,
    minDiskGiB: 8,
    disks: [],
  });
  expect(ssm.commandCalls(GetParameterCommand)[0]?.args[0].input.Name).toMatch(parameter);
});

it.each(EC2_IMAGE_ALIASES)(
  'finds %s by owner and name, the newest, where the Region lacks the parameter',
  async (alias) => {
    const { clients, ec2, ssm } = stubbedClients();
    ssm.on(GetParameterCommand).rejects(ssmError('ParameterNotFound'));
    ec2.on(DescribeImagesCommand).resolves({
      Images: [
        { ImageId: 'ami-old', CreationDate: '2025-01-01T00:00:00.000Z' },
        { ImageId: 'ami-new', CreationDate: '2026-01-01T00:00:00.000Z', RootDeviceName: '/dev/sda1' },
        { ImageId: 'ami-undated' },
      ],
    });
    expect(await bootImage(clients, alias, 'arm64')).toMatchObject({
      imageId: 'ami-new',
      rootDevice: '/dev/sda1',
    });
  },
);

it.each([
  ['its own root disk', [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 30 } }], '/dev/sda1', 30],
  ['none that it tells', [{ DeviceName: '/dev/sdb' }], undefined, 8],
] as const)('takes an AMI by id with %s', async (_, mappings, root, minDiskGiB) => {
  const { clients, ec2 } = stubbedClients();
  const Images = [{ ImageId: 'ami-1', BlockDeviceMappings: [...mappings], ...(root && { RootDeviceName: root }) }];
  ec2.on(DescribeImagesCommand).resolves({ Images });
  expect(await bootImage(clients, 'ami-1', 'x86_64')).toEqual({
    imageId: 'ami-1',
    rootDevice: root ?? '/dev/xvda',
    minDiskGiB,
    disks: [],
  });
});

it.each([
  ['an AMI that is not there', 'ami-1', {}],
  ['an alias that nobody publishes here', 'debian-12', {}],
  ['an alias with an empty answer', 'al2023', { Images: [{}] }],
])('refuses %s', async (_, image, answer) => {
  const { clients, ec2, ssm } = stubbedClients();
  ssm.on(GetParameterCommand).resolves({});
  ec2.on(DescribeImagesCommand).resolves(answer);
  await expect(bootImage(clients, image, 'x86_64')).rejects.toMatchObject({ name: 'SpecRefused' });
});

it.each([
  ['InvalidAMIID.NotFound', 'SpecRefused'],
  ['RequestLimitExceeded', 'Throttled'],
])('answers %s of DescribeImages as %s', async (code, name) => {
  const { clients, ec2 } = stubbedClients();
  ec2.on(DescribeImagesCommand).rejects(ec2Error(code));
  await expect(bootImage(clients, 'ami-1', 'x86_64')).rejects.toMatchObject({ name });
});

it('does not take a denied parameter for a missing one', async () => {
  const { clients, ssm } = stubbedClients();
  ssm.on(GetParameterCommand).rejects(ssmError('AccessDeniedException'));
  await expect(bootImage(clients, 'al2023', 'x86_64')).rejects.toMatchObject({ name: 'ProviderDenied' });
});

it('tells the further disks of an AMI, but for those of the instance store', async () => {
  const { clients, ec2 } = stubbedClients();
  const [root, data] = [
    { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 30 } },
    { DeviceName: '/dev/sdb', Ebs: {} },
  ];
  const BlockDeviceMappings = [root, data, { DeviceName: '/dev/sdc', VirtualName: 'ephemeral0' }];
  const image = { ImageId: 'ami-1', RootDeviceName: '/dev/sda1', BlockDeviceMappings };
  ec2.on(DescribeImagesCommand).resolves({ Images: [image] });
  expect(await bootImage(clients, 'ami-1', 'x86_64')).toMatchObject({ minDiskGiB: 30, disks: [data] });
});

describe('the image of a launch template', () => {
  const launchTemplate = { LaunchTemplateName: 'web', Version: '3' };

  it('is the one that it names', async () => {
    const { clients, ec2 } = stubbedClients();
    ec2.on(DescribeImagesCommand, { ImageIds: ['ami-7'] }).resolves({ Images: [{ ImageId: 'ami-7' }] });
    const template = { launchTemplate, imageId: 'ami-7', disks: [] };
    expect(await bootImage(clients, 'launch-template', 'x86_64', template)).toMatchObject({ imageId: 'ami-7' });
  });

  it.each([
    ['a template without one', { launchTemplate, disks: [] }],
    ['no template', undefined],
  ])('is refused for %s', async (_, template) => {
    const { clients } = stubbedClients();
    await expect(bootImage(clients, 'launch-template', 'x86_64', template)).rejects.toMatchObject({
      name: 'SpecRefused',
    });
  });
});
