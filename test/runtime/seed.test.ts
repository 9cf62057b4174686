import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEED } from '../support/cases.ts';

it('properties go from the seed that is given, or from the same at each run', () => {
  expect(fc.readConfigureGlobal()).toMatchObject({ seed: SEED });
  const some = () => fc.sample(fc.nat(), 10);
  expect(some()).toEqual(some());
});
