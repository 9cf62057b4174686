import { afterAll, expect, it } from 'vitest';
import { casesOr, replayOf, SEED } from '../cases.ts';
import { Campaign } from './campaign.ts';
import { KINDS } from './faults.ts';
import { anyPlan, anyStory } from './stories.ts';

const CASES = casesOr(300);
/** So many cases meet each kind of fault. */
const ENOUGH = 200;

type Share = 'first' | 'second';

/** The seeds of one of two files, which a machine of two cores plays at once: halves, but that the first has enough of them. */
const seedsOf = (share: Share): readonly number[] => {
  const seeds = Array.from({ length: CASES }, (_, index) => SEED + index);
  const middle = Math.max(ENOUGH, Math.ceil(CASES / 2));
  return share === 'first' ? seeds.slice(0, middle) : seeds.slice(middle);
};

/** People ask for this and that on both providers, and of everything that may go wrong some does, now and then. */
export const playShare = (share: Share): void => {
  const campaign = new Campaign(`random schedules, ${share} share`);
  const seeds = seedsOf(share);
  afterAll(() => console.log(String(campaign)));

  it('loses, doubles and orphans nothing, whatever happens in whatever order', async () => {
    for (const seed of seeds) {
      const given = { seed, plan: { rates: anyPlan(seed) }, honoursTokens: seed % 2 === 0 };
      await campaign.add(() => anyStory(seed), given, replayOf('schedules', seed));
    }
    expect(campaign.share('needs-attention')).toBeLessThanOrEqual(0.01);
  });

  it('met each kind of fault', () => {
    const missing = KINDS.filter((kind) => !campaign.fired.has(kind));
    expect(seeds.length < ENOUGH ? [] : missing).toEqual([]);
  });
};
