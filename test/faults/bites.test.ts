import { expect, it } from 'vitest';
import type { Kind } from '../support/simulation/faults.ts';
import { anyStory, type Provider, single } from '../support/simulation/stories.ts';
import { happen } from '../support/simulation/story.ts';
import type { Defects } from '../support/simulation/world.ts';

/** How many cases a defect may hide in. */
const CASES = 60;

interface Bite {
  readonly defect: Defects;
  /** The story, or any. */
  readonly of?: readonly [Provider, string];
  readonly rates: Partial<Record<Kind, number>>;
  readonly honoursTokens?: boolean;
  readonly found: RegExp;
}

/** What the plane, or what it stands on, would be without one of its guards. */
const BITES: Readonly<Record<string, Bite>> = {
  'a host without its fence': {
    defect: { noFence: true },
    of: ['kvm', 'cancel'],
    rates: { 'command-late': 0.8, 'command-twice': 0.8 },
    found: /I3 .* (runs for|lies there)/,
  },
  'no look for what was launched, where tokens are not honoured': {
    defect: { blindToLaunches: true },
    of: ['ec2', 'create'],
    rates: { 'reply-cut': 0.2, 'crash-after': 0.1 },
    honoursTokens: false,
    found: /I2 .* is there twice|I3 .* runs for/,
  },
  'writes whose conditions are not kept': {
    defect: { noConditions: true },
    rates: { 'crash-after': 0.02, 'message-twice': 0.3, 'event-twice': 0.3, 'asked-twice': 0.5 },
    found: /I5/,
  },
  'launches that read the user-data of another': {
    defect: { mixesUserData: true },
    rates: {},
    found: /I4 .* was given user-data "#user-data-\d+", not "#user-data-\d+"/,
  },
  'user-data that nobody takes away': {
    defect: { keepsUserData: true },
    rates: {},
    found: /I3 user-data.* lies there/,
  },
  'no sweeper': {
    defect: { without: 'sweep-operations' },
    of: ['ec2', 'create'],
    rates: { 'execution-aborted': 0.5, 'event-lost': 0.5 },
    found: /I6 .* is still/,
  },
};

it.each(Object.entries(BITES))('finds %s', async (_, { defect, of, rates, honoursTokens = true, found }) => {
  const trouble: string[] = [];
  for (let seed = 1; seed <= CASES && trouble.length === 0; seed += 1) {
    const story = of ? single(...of) : anyStory(seed);
    trouble.push(...(await happen(story, { seed, plan: { rates }, honoursTokens, defects: defect })).trouble);
  }
  expect(trouble.join('\n')).toMatch(found);
});
