import { type BlockDeviceMapping, DescribeLaunchTemplateVersionsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { raise } from '../../domain/faults.ts';
import { translated } from './errors.ts';

/** A launch template as EC2 takes it: by id or by name, and a version of it. */
type LaunchTemplate = { readonly Version: string } & (
  | { readonly LaunchTemplateId: string }
  | { readonly LaunchTemplateName: string }
);

/** What our own request must know of a template: which version of it is launched, its image, and its disks. */
export interface Template {
  readonly launchTemplate: LaunchTemplate;
  readonly imageId?: string;
  readonly disks: readonly BlockDeviceMapping[];
}

/** `lt-0123…` or a name, with `:version` behind it where it is not the default one. */
const templateOf = (launchTemplate: string): LaunchTemplate => {
  const [template = '', Version = '$Default'] = launchTemplate.split(':');
  return /^lt-[0-9a-f]+$/.test(template)
    ? { LaunchTemplateId: template, Version }
    : { LaunchTemplateName: template, Version };
};

/**
 * Reads a template, the SSM parameter of its image resolved. The version is the one that was read, for `$Default` and
 * `$Latest` may be another one by the time of the launch. @throws SpecRefused where there is none
 */
export const readTemplate = (ec2: EC2Client, name: string): Promise<Template> =>
  translated(`Reading the launch template ${name}`, async () => {
    const { Version, ...template } = templateOf(name);
    const { LaunchTemplateVersions: [found] = [] } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ ...template, Versions: [Version], ResolveAlias: true }),
    );
    const { LaunchTemplateData: data, VersionNumber } = found ?? raise('SpecRefused', `There is no template ${name}.`);
    return {
      launchTemplate: { ...template, Version: VersionNumber === undefined ? Version : String(VersionNumber) },
      ...(data?.ImageId === undefined ? {} : { imageId: data.ImageId }),
      disks: data?.BlockDeviceMappings ?? [],
    };
  });
