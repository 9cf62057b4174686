import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { Matcher } from '../../../lambdas/domain/alerts/matchers.ts';
import { isChangeable, type Silence, silenceRefusal, stateOf } from '../../../lambdas/domain/alerts/silence.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { postedMatcher, someMatchers, yamlOf } from '../../support/alerts.ts';
import { casesOr, SEED } from '../../support/cases.ts';

/** Silences that are changed stay themselves, become others or are refused as in the real Alertmanager. */
const Kept = z.object({ silenceID: z.string() });
const Told = z.object({ startsAt: z.string(), status: z.object({ state: z.string() }) });

const someTimes = fc.record({
  starts: fc.constantFrom(-120, -60, 60, 120),
  ends: fc.constantFrom(-30, 30, 90, 180),
});

const silenceOf = (
  matchers: readonly Matcher[],
  { starts, ends }: { starts: number; ends: number },
  id = '',
): Silence => {
  const from = (minutes: number): string => new Date(BASE + minutes * 60_000).toISOString();
  return {
    id,
    matchers,
    startsAt: from(starts),
    endsAt: from(ends),
    updatedAt: from(0),
    createdBy: 'me',
    comment: 'why',
  };
};

const BASE = Date.now();

it('silences are kept, changed and refused as they are there', async () => {
  await using peer = await startAlertmanager(yamlOf({ route: { receiver: 'r0' } }));
  const post = async ({ updatedAt: _, matchers, ...rest }: Silence): Promise<string | undefined> =>
    peer.api('silences', { ...rest, matchers: matchers.map(postedMatcher) }).then(
      (answer) => Kept.parse(answer).silenceID,
      () => undefined,
    );
  const cases = fc.sample(fc.tuple(someMatchers, someMatchers, fc.boolean(), someTimes, someTimes), {
    seed: SEED,
    numRuns: casesOr(400),
  });
  const met = { refused: 0, changed: 0, replaced: 0 };
  for (const [matchers, others, isSame, first, second] of cases) {
    const asked = silenceOf(matchers, first);
    const id = await post(asked);
    // There one that would be over is refused before anything else is looked at.
    const isRefused = silenceRefusal(asked) !== undefined || Date.parse(asked.endsAt) < BASE;
    expect(id === undefined, JSON.stringify(asked)).toBe(isRefused);
    met.refused += Number(isRefused);
    if (id === undefined) continue;
    // What was to begin in the past begins now, which is told.
    const { startsAt, status } = Told.parse(await peer.api(`silence/${id}`));
    const before = { ...asked, id, startsAt };
    expect(status.state).toBe(stateOf(before, Date.now()));
    const after = {
      ...silenceOf(isSame ? matchers : others, second, id),
      ...(isSame && first.starts < 0 && { startsAt }),
    };
    const next = await post(after);
    if (next === undefined) continue;
    const isChanged = isChangeable(before, after, Date.now());
    expect(next === id, JSON.stringify({ before, after })).toBe(isChanged);
    met.changed += Number(isChanged);
    met.replaced += Number(!isChanged);
  }
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(cases.length / 20);
});
