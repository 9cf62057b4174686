import { expect, it } from 'vitest';
import { EC2_TYPES } from '../../lambdas/domain/ec2-types.ts';
import { architectureOf, InstanceType, SIZES, Size, shapeOfType, sizeOf } from '../../lambdas/domain/size.ts';

it.each(SIZES.map((size) => [size.name, size] as const))('%s falls back only to types of its own memory', (_, size) => {
  expect(Size.parse(size)).toEqual(size);
  const shapes = size.instanceTypes.map((type) => shapeOfType(type));
  for (const shape of shapes) {
    expect(shape?.vcpus).toBeGreaterThanOrEqual(size.vcpus);
    expect(shape?.memoryMiB).toBe(size.memoryMiB);
  }
  expect(new Set(size.instanceTypes.map(architectureOf)).size).toBe(1);
});

it('has sizes that grow and names that are unique', () => {
  const memory = SIZES.map((size) => size.memoryMiB);
  expect(memory).toEqual([...memory].sort((a, b) => a - b));
  expect(new Set(SIZES.map((size) => size.name)).size).toBe(SIZES.length);
});

it('knows each size by its word and shape', () => {
  expect(SIZES.map(({ name, vcpus, memoryMiB, diskGiB }) => `${name} ${vcpus} ${memoryMiB} ${diskGiB}`)).toEqual([
    'nano 1 512 8',
    'micro 1 1024 8',
    'small 1 2048 10',
    'medium 2 4096 20',
    'large 2 8192 20',
    'xlarge 4 16384 40',
    '2xlarge 8 32768 80',
    '4xlarge 16 65536 160',
    '8xlarge 32 131072 320',
  ]);
  expect(() => sizeOf('huge')).toThrow('There is no size huge. Sizes: nano, micro, small, medium, large, xlarge,');
});

it('finds a size by name and refuses another, naming the catalogue', () => {
  expect(sizeOf('small').memoryMiB).toBe(2048);
  expect(() => sizeOf('huge')).toThrow(
    expect.objectContaining({ name: 'SizeNotFound', message: expect.stringContaining('nano, micro') }),
  );
});

it.each([
  ['t3.small', 'x86_64'],
  ['t4g.small', 'arm64'],
  ['c7gn.medium', 'arm64'],
  ['a1.large', 'arm64'],
  ['a10.large', 'x86_64'],
  ['xa1.large', 'x86_64'],
  ['a1xlarge', 'x86_64'],
  ['x8g.large', 'arm64'],
  ['c10gd.large', 'arm64'],
  ['g6.large', 'x86_64'],
  ['r6.g.large', 'x86_64'],
  ['g4dn.xlarge', 'x86_64'],
  ['g5g.xlarge', 'arm64'],
  ['im4gn.large', 'arm64'],
  ['u-6tb1.metal', 'x86_64'],
])('knows that %s boots %s', (type, architecture) => expect(architectureOf(type)).toBe(architecture));

it.each(['t3', 'T3.small', 't3.small;ls', '.small', 't3.', '{{x}}.small', `t3.${'a'.repeat(40)}`])(
  'refuses %s as an instance type',
  (type) => expect(InstanceType.safeParse(type).success).toBe(false),
);

it('takes every type of the dated table as an instance type', () => {
  for (const { type } of EC2_TYPES.types) expect(InstanceType.parse(type)).toBe(type);
});
