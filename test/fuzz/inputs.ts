import { it } from 'vitest';
import { casesOr, SEED } from '../support/cases.ts';
import { expectSound, fuzz, operationsOf } from './schemathesis.ts';
import { newWorld } from './world.ts';

/** With sequences.test.ts ten thousand: whatever a schema allows, and whatever it forbids, for each operation by itself. */
const CASES = casesOr(6_600);
/** Some operations have not much to vary, and end before their share. */
const SHARES = 100;

/** About half of the operations lie under these; each half is a file, since a run keeps little more than one processor busy. */
const FIRST = '^/v1/[a-p]';
const HALVES = { first: '--include-path-regex', second: '--exclude-path-regex' } as const;

/** One half of the requests, of its half of the operations. */
export const fuzzInputs = (half: keyof typeof HALVES): void => {
  const operations = operationsOf((path) => new RegExp(FIRST).test(path) === (half === 'first'));
  const least = Math.ceil((CASES * operations) / operationsOf());
  it(`${least} requests that the OpenAPI allows or forbids: no 5xx, no break of the contract (seed ${SEED})`, async () => {
    const world = await newWorld();
    const most = String(Math.ceil(CASES / SHARES));
    const fuzzed = await fuzz(world, ['--phases', 'fuzzing', '--max-examples', most, HALVES[half], FIRST]);
    await expectSound(world, fuzzed, least, operations);
  });
};
