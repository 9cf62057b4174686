import * as z from 'zod';
import { EC2_TYPES } from './ec2-types.ts';
import { raise } from './faults.ts';

/** A size is one word for a shape in both worlds: vCPU, MiB and disk on KVM, an ordered list of types on EC2. */
export const Size = z.strictObject({
  name: z.string(),
  /** On KVM; the smallest get one vCPU, which is more than the share that a burstable EC2 type may use all day. */
  vcpus: z.number().int().positive(),
  memoryMiB: z.number().int().positive(),
  /** Root disk where the request names none. */
  diskGiB: z.number().int().positive(),
  /** EC2 types in order: the next one is asked for only after a definite lack of capacity. */
  instanceTypes: z.array(z.string()).min(1),
});
export type Size = z.infer<typeof Size>;

const size = (name: string, vcpus: number, memoryMiB: number, diskGiB: number, instanceTypes: string[]): Size => ({
  name,
  vcpus,
  memoryMiB,
  diskGiB,
  instanceTypes,
});

/** The catalogue, smallest first. All types of one size have the same memory, so a fallback never shrinks a VM. */
export const SIZES: readonly Size[] = [
  size('nano', 1, 512, 8, ['t3.nano', 't3a.nano']),
  size('micro', 1, 1024, 8, ['t3.micro', 't3a.micro']),
  size('small', 1, 2048, 10, ['t3.small', 't3a.small']),
  size('medium', 2, 4096, 20, ['t3.medium', 't3a.medium', 'c6i.large']),
  size('large', 2, 8192, 20, ['t3.large', 't3a.large', 'm6i.large', 'm5.large']),
  size('xlarge', 4, 16_384, 40, ['m6i.xlarge', 'm7i.xlarge', 'm5.xlarge', 't3.xlarge']),
  size('2xlarge', 8, 32_768, 80, ['m6i.2xlarge', 'm7i.2xlarge', 'm5.2xlarge', 't3.2xlarge']),
  size('4xlarge', 16, 65_536, 160, ['m6i.4xlarge', 'm7i.4xlarge', 'm5.4xlarge']),
  size('8xlarge', 32, 131_072, 320, ['m6i.8xlarge', 'm7i.8xlarge', 'm5.8xlarge']),
];

/** The size of this name. @throws SizeNotFound, naming those there are */
export const sizeOf = (name: string): Size =>
  SIZES.find((each) => each.name === name) ??
  raise('SizeNotFound', `There is no size ${name}. Sizes: ${SIZES.map((each) => each.name).join(', ')}.`);

/** vCPU and memory of an EC2 type of the catalogue; undefined for a type that only EC2 knows. */
export const shapeOfType = (instanceType: string): { vcpus: number; memoryMiB: number } | undefined =>
  EC2_TYPES.types.find((each) => each.type === instanceType);

/** What an EC2 instance type looks like (`m7i.2xlarge`, `u-6tb1.metal`): refused before AWS is asked. */
export const InstanceType = z
  .string()
  .max(32)
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type looks like t3.small');

/** Graviton families carry a g after the generation (t4g, c7gn, im4gn); a1 is the first of them. */
const ARM = /^(a1|[a-z]+\d+[a-z]*g[a-z]*)\./;

/** Which AMI architecture a type boots. */
export const architectureOf = (instanceType: string): 'x86_64' | 'arm64' =>
  ARM.test(instanceType) ? 'arm64' : 'x86_64';
