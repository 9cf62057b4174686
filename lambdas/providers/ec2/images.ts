import { type BlockDeviceMapping, DescribeImagesCommand, type EC2Client, type Image } from '@aws-sdk/client-ec2';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type Ec2ImageAlias, isEc2ImageAlias, TEMPLATE_IMAGE } from '../../domain/ec2-image.ts';
import { raise } from '../../domain/faults.ts';
import type { architectureOf } from '../../domain/size.ts';
import { codeOf, translated } from './errors.ts';
import type { Template } from './launch-template.ts';

export type Architecture = ReturnType<typeof architectureOf>;

/**
 * What RunInstances needs to know of an image: which one, where its root disk is attached, how large that is at least, and
 * its further disks. Those of the aliases have none.
 */
export interface BootImage {
  readonly imageId: string;
  readonly rootDevice: string;
  readonly minDiskGiB: number;
  readonly disks: readonly BlockDeviceMapping[];
}

/** The root disk of each aliased image, and what we take where an image does not say. */
const USUAL_DISK_GIB = 8;

/** Who publishes an image, where its newest id is kept, and by which name it is found where that parameter is missing. */
interface Alias {
  readonly parameter: (architecture: Architecture) => string;
  readonly owner: string;
  readonly namePattern: (architecture: Architecture) => string;
  readonly rootDevice: string;
}

const debianWord = (architecture: Architecture): string => (architecture === 'arm64' ? 'arm64' : 'amd64');

/** Public parameters and owners as the publishers document them (AWS, Canonical, Debian wiki: Cloud/AmazonEC2Image). */
const ALIASES: Readonly<Record<Ec2ImageAlias, Alias>> = {
  al2023: {
    parameter: (architecture) => `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`,
    owner: '137112412989',
    namePattern: (architecture) => `al2023-ami-2023.*-kernel-*-${architecture}`,
    rootDevice: '/dev/xvda',
  },
  'ubuntu-24.04': {
    parameter: (architecture) =>
      `/aws/service/canonical/ubuntu/server/24.04/stable/current/${debianWord(architecture)}/hvm/ebs-gp3/ami-id`,
    owner: '099720109477',
    namePattern: (architecture) => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${debianWord(architecture)}-server-*`,
    rootDevice: '/dev/sda1',
  },
  'debian-12': {
    parameter: (architecture) => `/aws/service/debian/release/12/latest/${debianWord(architecture)}`,
    owner: '136693071363',
    namePattern: (architecture) => `debian-12-${debianWord(architecture)}-*`,
    rootDevice: '/dev/xvda',
  },
};

const parameterOf = async (ssm: SSMClient, name: string): Promise<string | undefined> => {
  try {
    return (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
  } catch (error) {
    if (codeOf(error) === 'ParameterNotFound') return undefined;
    throw error;
  }
};

const newest = (images: readonly Image[]): Image | undefined =>
  images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))[0];

const byName = async (ec2: EC2Client, alias: Alias, architecture: Architecture): Promise<BootImage | undefined> => {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({
      Owners: [alias.owner],
      Filters: [
        { Name: 'name', Values: [alias.namePattern(architecture)] },
        { Name: 'architecture', Values: [architecture] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  );
  return bootImageOf(newest(Images));
};

const bootImageOf = (image: Image | undefined): BootImage | undefined => {
  if (image?.ImageId === undefined) return undefined;
  const rootDevice = image.RootDeviceName ?? '/dev/xvda';
  const { BlockDeviceMappings: all = [] } = image;
  const root = all.find(({ DeviceName }) => DeviceName === rootDevice);
  const disks = all.filter((disk) => disk !== root && disk.Ebs !== undefined);
  return { imageId: image.ImageId, rootDevice, minDiskGiB: root?.Ebs?.VolumeSize ?? USUAL_DISK_GIB, disks };
};

const byId = async (ec2: EC2Client, imageId: string): Promise<BootImage | undefined> => {
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  return bootImageOf(Images[0]);
};

const idOf = (image: string, template: Template | undefined): string => {
  if (image !== TEMPLATE_IMAGE) return image;
  const { imageId } = template ?? raise('SpecRefused', `${image} needs a launch template.`);
  return imageId ?? raise('SpecRefused', 'The launch template names no image of its own.');
};

/**
 * Finds the image of an alias, an AMI id or a launch template, with one call where the alias has its public parameter.
 * @throws SpecRefused where there is none
 */
export const bootImage = (
  { ec2, ssm }: { readonly ec2: EC2Client; readonly ssm: SSMClient },
  image: string,
  architecture: Architecture,
  template?: Template,
): Promise<BootImage> =>
  translated(`Finding the image ${image}`, async () => {
    const alias = isEc2ImageAlias(image) ? ALIASES[image] : undefined;
    if (alias === undefined) {
      const imageId = idOf(image, template);
      return (await byId(ec2, imageId)) ?? raise('SpecRefused', `There is no image ${imageId} in this Region.`);
    }
    const imageId = await parameterOf(ssm, alias.parameter(architecture));
    if (imageId !== undefined) return { imageId, rootDevice: alias.rootDevice, minDiskGiB: USUAL_DISK_GIB, disks: [] };
    return (
      (await byName(ec2, alias, architecture)) ??
      raise('SpecRefused', `No ${image} image for ${architecture} is published in this Region.`)
    );
  });
