import { it } from 'vitest';
import { casesOr, SEED } from '../support/cases.ts';
import { expectSound, fuzz } from './schemathesis.ts';
import { newWorld } from './world.ts';

/** With sequences.test.ts ten thousand: whatever a schema allows, and whatever it forbids, for each operation by itself. */
const CASES = casesOr(6_600);
/** Some operations have not much to vary, and end before their share. */
const SHARES = 100;

it(`${CASES} requests that the OpenAPI allows or forbids: no 5xx, no break of the contract (seed ${SEED})`, async () => {
  const world = await newWorld();
  const fuzzed = await fuzz(world, ['--phases', 'fuzzing', '--max-examples', String(Math.ceil(CASES / SHARES))]);
  await expectSound(world, fuzzed, CASES);
});
