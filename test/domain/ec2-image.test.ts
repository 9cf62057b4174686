import { expect, it } from 'vitest';
import { isEc2Image } from '../../lambdas/domain/ec2-image.ts';

it.each([
  ['al2023', true],
  ['ami-0123456789abcdef0', true],
  ['ami-12345678', true],
  ['launch-template', true],
  ['ubuntu-24.04', true],
  ['debian-12', true],
  ['ami-1234567', false],
  ['ami-012345678901234567', false],
  ['xami-12345678', false],
  ['ami-12345678x', false],
  ['', false],
  ['ami-xyz', false],
  ['constructor', false],
  ['al2023;ls', false],
])('%s names an EC2 image: %s', (image, is) => expect(isEc2Image(image)).toBe(is));
