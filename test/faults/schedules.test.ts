import { afterAll, expect, it } from 'vitest';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import { KINDS } from '../support/simulation/faults.ts';
import { anyPlan, anyStory } from '../support/simulation/stories.ts';

/** People ask for this and that on both providers, and of everything that may go wrong some does, now and then. */
const campaign = new Campaign('random schedules');
afterAll(() => console.log(String(campaign)));

const CASES = casesOr(300);
/** So many cases meet each kind of fault. */
const ENOUGH = 200;

it('loses, doubles and orphans nothing, whatever happens in whatever order', async () => {
  for (let seed = SEED; seed < SEED + CASES; seed += 1) {
    const given = { seed, plan: { rates: anyPlan(seed) }, honoursTokens: seed % 2 === 0 };
    await campaign.add(() => anyStory(seed), given, replayOf('schedules.test.ts', seed));
  }
  expect(campaign.share('needs-attention')).toBeLessThanOrEqual(0.01);
});

it('met each kind of fault', () => {
  const missing = KINDS.filter((kind) => !campaign.fired.has(kind));
  expect(CASES < ENOUGH ? [] : missing).toEqual([]);
});
