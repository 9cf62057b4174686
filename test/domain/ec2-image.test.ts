import { expect, it } from 'vitest';
import { isEc2Image } from '../../lambdas/domain/ec2-image.ts';

it.each([
  ['al2023', true],
  ['ami-0123456789abcdef0', true],
  ['ami-12345678', true],
  ['launch-template', true],
  ['ami-xyz', false],
  ['constructor', false],
  ['al2023;ls', false],
])('%s names an EC2 image: %s', (image, is) => expect(isEc2Image(image)).toBe(is));
