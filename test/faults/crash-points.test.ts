import { afterAll, describe, expect, it } from 'vitest';
import { IS_LONG, SEED } from '../support/cases.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import { type Provider, single, VERBS_OF } from '../support/simulation/stories.ts';
import { type Case, happen, type Story } from '../support/simulation/story.ts';
import { textNumber } from '../support/simulation/user-data.ts';

/**
 * Every call of every handler that one operation needs, from its request to its rest: the handler dies there, just before
 * or just after, and whoever called it does what the service does then. Dying after one call and before the next is the
 * same to everybody else, so the short form dies after each; the long form does both, and with client tokens on and off.
 */
const campaign = new Campaign('crash points');
afterAll(() => console.log(String(campaign)));

const WAYS = IS_LONG ? (['crash-before', 'crash-after'] as const) : (['crash-after'] as const);

const casesOf = (provider: Provider, call: number): Case[] =>
  WAYS.flatMap((kind) => {
    const both = provider === 'ec2' && IS_LONG ? [true, false] : [call % 2 === 0];
    return both.map((honoursTokens) => ({ seed: SEED, plan: { crashes: [{ call, kind }] }, honoursTokens }));
  });

const everyPoint = async (provider: Provider, verb: string, userData?: string): Promise<void> => {
  const story = (): Story => single(provider, verb, userData);
  const clean = await happen(story(), { seed: SEED, plan: {}, honoursTokens: true });
  expect(clean.trouble).toEqual([]);
  for (const { number, handler, call } of clean.points.slice(clean.prepared)) {
    campaign.points.add(`${provider} ${verb}: ${handler} ${call}`);
    for (const each of casesOf(provider, number)) {
      const replay = `vitest run --project faults test/faults/crash-points.test.ts (${verb} on ${provider}, call ${number})`;
      await campaign.add(story, each, replay);
    }
  }
};

describe.each(['ec2', 'kvm'] as const)('on %s', (provider) => {
  it.each(VERBS_OF[provider])('%s comes to its end, once, wherever a handler dies', (verb) =>
    everyPoint(provider, verb),
  );

  it('create with user-data comes to its end, with it and nothing of it left, wherever a handler dies', () =>
    everyPoint(provider, 'create', textNumber(1)));
});

it('leaves nothing to a person where one handler dies once', () => {
  expect(campaign.share('needs-attention')).toBe(0);
  expect(campaign.share('failed')).toBe(0);
});
