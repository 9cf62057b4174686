import { afterAll, expect, it } from 'vitest';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Random } from '../support/random.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import type { CallKind } from '../support/simulation/faults.ts';
import { type Provider, single, VERBS_OF } from '../support/simulation/stories.ts';
import { happen, type Outcome, type Story } from '../support/simulation/story.ts';
import { textsOf } from '../support/simulation/user-data.ts';

/** Two faults at two calls of one operation, whichever: the second may well meet what makes good the first (F-19). */
const campaign = new Campaign('double faults');
afterAll(() => console.log(String(campaign)));

const WAYS: readonly CallKind[] = [
  'crash-before',
  'crash-after',
  'crash-after',
  'reply-cut',
  'server-error',
  'slow-reply',
];

const clean = new Map<string, Promise<Outcome>>();
const cleanRun = (name: string, story: Story): Promise<Outcome> => {
  const known = clean.get(name) ?? happen(story, { seed: 1, plan: {}, honoursTokens: true });
  clean.set(name, known);
  return known;
};

/** Some creates have user-data, by chance of its own: what a seed told before it tells still. */
const storyOf = (seed: number, provider: Provider, verb: string): readonly [string, () => Story] => {
  const text = verb === 'create' ? textsOf(seed)() : undefined;
  const name = `${provider} ${verb} ${text?.length}`;
  return [name, () => single(provider, verb, text)];
};

it('ends each operation once, or hands it to a person in at most 1 of 100', async () => {
  for (let seed = SEED; seed < SEED + casesOr(300); seed += 1) {
    const random = new Random(seed);
    const provider = random.pick(['ec2', 'kvm'] as const);
    const verb = random.pick(VERBS_OF[provider]);
    const [name, story] = storyOf(seed, provider, verb);
    const { prepared, points } = await cleanRun(name, story());
    // What makes good a fault are calls beyond those of a clean run.
    const crashes = [0, 20].map((more) => ({
      call: random.whole(prepared + 1, points.length + more),
      kind: random.pick(WAYS),
    }));
    const given = { seed: 1, plan: { crashes }, honoursTokens: random.chance(0.5) };
    await campaign.add(story, given, replayOf('double-faults.test.ts', seed));
  }
  expect(campaign.share('needs-attention')).toBeLessThanOrEqual(0.01);
});
