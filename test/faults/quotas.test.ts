import { afterAll, expect, it } from 'vitest';
import * as pace from '../../lambdas/store/pace.ts';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import { anyPlan, anyStory } from '../support/simulation/stories.ts';

/** People of one project ask for more than it may have, while everything goes wrong: its count neither leaks nor runs over. */
const campaign = new Campaign('quotas');
afterAll(() => console.log(String(campaign)));

const CASES = casesOr(30);

it('is counted right whatever happens in whatever order, and never above its bound', async () => {
  for (let seed = SEED; seed < SEED + CASES; seed += 1) {
    const project = { id: 'shop', maxVms: 1 + (seed % 3) };
    // Each world has a clock of its own; what is remembered by the clock of another would not be the same twice.
    pace.forget(project.id);
    const given = { seed, plan: { rates: anyPlan(seed) }, honoursTokens: seed % 2 === 0, project };
    await campaign.add(() => anyStory(seed), given, replayOf('quotas.test.ts', seed));
  }
  expect(campaign.share('needs-attention')).toBeLessThanOrEqual(0.02);
});
