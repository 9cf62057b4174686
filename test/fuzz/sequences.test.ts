import { it } from 'vitest';
import { casesOr, SEED } from '../support/cases.ts';
import { expectSound, fuzz } from './schemathesis.ts';
import { newWorld } from './world.ts';

/** With the inputs ten thousand: each boundary of each schema once, then sequences in which a request takes what an answer gave. */
const CASES = casesOr(3_400);
/** Requests that one more sequence makes, roughly, when the boundaries are shared out among all. */
const A_SEQUENCE = 42;

it(`${CASES} requests at the schema's boundaries and one after another: no 5xx, no break (seed ${SEED})`, async () => {
  const world = await newWorld();
  const most = String(Math.ceil(CASES / A_SEQUENCE));
  const fuzzed = await fuzz(world, ['--phases', 'examples,coverage,stateful', '--max-examples', most]);
  await expectSound(world, fuzzed, CASES);
});
