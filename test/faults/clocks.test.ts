import { afterAll, expect, it } from 'vitest';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import type { FaultPlan } from '../support/simulation/faults.ts';
import { anyStory } from '../support/simulation/stories.ts';
import type { Story } from '../support/simulation/story.ts';

/** Nothing goes wrong but clocks: up to a quarter of an hour in a call of a function, up to an hour on a host (F-15). */
const CASES = casesOr(100);

/** The story, and each host that was taken for silent meanwhile. */
const watched = (seed: number, silent: string[]): Story => {
  const story = anyStory(seed);
  return {
    ...story,
    act: (people, world) => {
      world.tables.state.changed.push(({ after }) => {
        if (after?.entity === 'host' && after.state === 'unreachable') silent.push(`${after.id}, seed ${seed}`);
      });
      return story.act(people, world);
    },
  };
};

const told = async (campaign: Campaign, rates: FaultPlan['rates'] & object): Promise<string[]> => {
  const silent: string[] = [];
  for (let seed = SEED; seed < SEED + CASES; seed += 1) {
    const given = { seed, plan: { rates }, honoursTokens: true };
    await campaign.add(() => watched(seed, silent), given, replayOf('clocks.test.ts', seed));
  }
  return silent;
};

const functions = new Campaign("functions' clocks");
const hosts = new Campaign("hosts' and functions' clocks");
afterAll(() => console.log(`${functions}\n${hosts}`));

it("takes no host for silent and fails no operation by a function's clock", async () => {
  expect(await told(functions, { 'clock-off': 0.1 })).toEqual([]);
  expect(functions.share('failed') + functions.share('needs-attention')).toBe(0);
});

it("takes no host for silent and leaves nothing to a person by a host's clock", async () => {
  expect(await told(hosts, { 'clock-off': 0.1, 'host-clock-off': 0.3 })).toEqual([]);
  expect(hosts.share('needs-attention')).toBe(0);
});
