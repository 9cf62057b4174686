import { expect, it } from 'vitest';
import { SEED } from '../support/cases.ts';
import { anyPlan, anyStory } from '../support/simulation/stories.ts';
import { happen, type Outcome } from '../support/simulation/story.ts';

/** Others that die half-way, between a case and the same case again: nothing of them may reach into it. */
const BETWEEN = 5;

const told = (seed: number): Promise<Outcome> =>
  happen(anyStory(seed), { seed, plan: { rates: anyPlan(seed) }, honoursTokens: true, traced: true });

it('plays one seed as it did before, event by event, whatever was played meanwhile', async () => {
  const first = await told(SEED);
  for (let seed = SEED + 1; seed <= SEED + BETWEEN; seed += 1) await told(seed);
  expect(await told(SEED)).toEqual(first);
});

it('is deaf to what the machine does meanwhile', async () => {
  const first = await told(SEED);
  const noise = setInterval(() => Math.random(), 0);
  const second = await told(SEED);
  clearInterval(noise);
  expect(second).toEqual(first);
});
