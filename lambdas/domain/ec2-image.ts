/** The words that stand for a publisher's newest image on EC2; providers/ec2/images.ts knows how each is found. */
export const EC2_IMAGE_ALIASES = ['al2023', 'ubuntu-24.04', 'debian-12'] as const;
export type Ec2ImageAlias = (typeof EC2_IMAGE_ALIASES)[number];

/** Whether a word is one of the aliases. */
export const isEc2ImageAlias = (image: string): image is Ec2ImageAlias =>
  EC2_IMAGE_ALIASES.some((alias) => alias === image);

/** Stands for the image that the launch template of the request names. */
export const TEMPLATE_IMAGE = 'launch-template';

/** What an EC2 image is named by in a request: an alias, an AMI id, or the launch template's own. */
export const isEc2Image = (image: string): boolean =>
  isEc2ImageAlias(image) || image === TEMPLATE_IMAGE || /^ami-[0-9a-f]{8,17}$/.test(image);
