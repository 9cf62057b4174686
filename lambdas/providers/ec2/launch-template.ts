/** A launch template as EC2 takes it: by id or by name, and a version of it. */
export type LaunchTemplate = { readonly Version: string } & (
  | { readonly LaunchTemplateId: string }
  | { readonly LaunchTemplateName: string }
);

/** `lt-0123…` or a name, with `:version` behind it where it is not the default one. */
export const templateOf = (launchTemplate: string): LaunchTemplate => {
  const [template = '', Version = '$Default'] = launchTemplate.split(':');
  return template.startsWith('lt-')
    ? { LaunchTemplateId: template, Version }
    : { LaunchTemplateName: template, Version };
};
