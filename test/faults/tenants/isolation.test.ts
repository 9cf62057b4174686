import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, vi } from 'vitest';
import { casesOr, SEED } from '../../support/cases.ts';
import { Random } from '../../support/random.ts';
import { MOVES, whole } from './moves.ts';
import { endSome, newWorld, type Tenant } from './world.ts';

vi.mock('../../../lambdas/runtime/providers.ts', () => ({ providerOf: () => ({ consoleLog: async () => 'boot' }) }));
mockClient(SSMClient);

/** Operations in all: S-09 of the issue. More by NOVACRON_CASES. */
const CASES = casesOr(10_000);

/** Ten times what a quiet core takes. */
const LONGEST_MS = 60_000 + CASES * 15;

/** Operations of one plane: enough for many pages, few enough for a table in memory. */
const A_WORLD = 250;
const PAIRS = [
  ['shop', 'bank'],
  ['default', 'shop'],
  // One id is the beginning of the other.
  ['shop', 'shop-2'],
] as const;

/** What each sees at the end is what it made, and nothing else. */
const assertWhole = async (me: Tenant, other: Tenant): Promise<void> => {
  const seen = await whole(me, other, 'vms?id~vm-');
  expect(new Set(seen)).toEqual(new Set(me.vms.keys()));
  expect(seen).toHaveLength(me.vms.size);
  expect(new Set(await whole(me, other, 'operations'))).toEqual(me.operations);
};

const play = async (seed: number, pair: readonly [string, string], steps: number): Promise<void> => {
  const random = new Random(seed);
  const tenants = await newWorld(pair);
  for (let step = 0; step < steps; step += 1) {
    const [me, other] = random.below(2) === 0 ? tenants : [tenants[1], tenants[0]];
    if (step % 10 === 9) await endSome(random, tenants);
    await random.pick(MOVES)({ random, me, other });
  }
  await assertWhole(tenants[0], tenants[1]);
  await assertWhole(tenants[1], tenants[0]);
};

it(`keeps two tenants apart in ${CASES} operations of both (NOVACRON_SEED=${SEED})`, {
  timeout: LONGEST_MS,
}, async () => {
  for (let done = 0, world = 0; done < CASES; done += A_WORLD, world += 1) {
    const pair = PAIRS[world % PAIRS.length] ?? PAIRS[0];
    await play(SEED + world, pair, Math.min(A_WORLD, CASES - done));
  }
});
