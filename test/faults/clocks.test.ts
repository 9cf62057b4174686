import { afterAll, expect, it } from 'vitest';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import type { FaultPlan } from '../support/simulation/faults.ts';
import { anyStory } from '../support/simulation/stories.ts';
import { happen, type Outcome, type Story } from '../support/simulation/story.ts';

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

const failuresOf = ({ operations }: Outcome): string[] =>
  operations.filter(({ state }) => state === 'failed').map(({ kind, error }) => `${kind}: ${error}`);

/** What went wrong for no other reason than the clocks. */
interface Told {
  readonly silent: readonly string[];
  readonly failed: readonly string[];
}

const told = async (campaign: Campaign, rates: FaultPlan['rates'] & object): Promise<Told> => {
  const [silent, failed]: [string[], string[]] = [[], []];
  for (let seed = SEED; seed < SEED + CASES; seed += 1) {
    const given = { seed, plan: { rates }, honoursTokens: true };
    const outcome = await campaign.add(() => watched(seed, silent), given, replayOf('clocks.test.ts', seed));
    const failures = failuresOf(outcome);
    if (failures.length === 0) continue;
    // People do ask for what cannot be: to reboot a guest that is about to stop fails by any clock.
    const rightly = failuresOf(await happen(anyStory(seed), { ...given, plan: {} }));
    failed.push(...failures.filter((each) => !rightly.includes(each)).map((each) => `${each}, seed ${seed}`));
  }
  return { silent, failed };
};

const functions = new Campaign("functions' clocks");
const hosts = new Campaign("hosts' and functions' clocks");
afterAll(() => console.log(`${functions}\n${hosts}`));

it("takes no host for silent and fails no operation by a function's clock", async () => {
  expect(await told(functions, { 'clock-off': 0.1 })).toEqual({ silent: [], failed: [] });
  expect(functions.share('needs-attention')).toBe(0);
});

it("takes no host for silent and leaves nothing to a person by a host's clock", async () => {
  expect(await told(hosts, { 'clock-off': 0.1, 'host-clock-off': 0.3 })).toMatchObject({ silent: [] });
  expect(hosts.share('needs-attention')).toBe(0);
});
