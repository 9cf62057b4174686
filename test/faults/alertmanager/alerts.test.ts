import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import {
  type Alert,
  alertRefusal,
  isResolvedAt,
  merged,
  type PostedAlert,
  received,
} from '../../../lambdas/domain/alerts/alert.ts';
import { fingerprintOf } from '../../../lambdas/domain/alerts/labels.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { yamlOf } from '../../support/alerts.ts';
import { casesOr, SEED } from '../../support/cases.ts';

/** Alerts that are sent again and again, with all sorts of times, begin and end when the real Alertmanager says they do. */
const Told = z.array(
  z.object({ fingerprint: z.string(), startsAt: z.string(), endsAt: z.string(), updatedAt: z.string() }),
);

const RESOLVE_TIMEOUT_MS = 420_000;

/** Minutes from now: far enough from it, and from each other, that nothing ends while this runs. */
const someMinutes = fc.option(fc.constantFrom(-180, -120, -60, 60, 120, 180), { nil: undefined });

it('alerts begin and end as they do there', async () => {
  await using peer = await startAlertmanager(yamlOf({ global: { resolve_timeout: '7m' }, route: { receiver: 'r0' } }));
  const base = Date.now();
  const at = (minutes: number | undefined) =>
    minutes === undefined ? {} : { at: new Date(base + minutes * 60_000).toISOString() };
  const rounds = fc.sample(
    fc.array(fc.record({ starts: someMinutes, ends: someMinutes }), { minLength: 60, maxLength: 60 }),
    { seed: SEED, numRuns: casesOr(12) },
  );
  const known = new Map<string, Alert>();
  let compared = 0;
  let joined = 0;
  for (const round of rounds) {
    const all = round.map(({ starts, ends }, index): PostedAlert => {
      const labels = { alertname: 'X', index: String(index), empty: '' };
      return { labels, startsAt: at(starts).at, endsAt: at(ends).at };
    });
    // One that is always there tells the moment at which the others were taken.
    const clock = { labels: { alertname: 'clock' } };
    const isGood = (posted: PostedAlert): boolean =>
      alertRefusal(received(posted, Date.now(), RESOLVE_TIMEOUT_MS)) === undefined;
    for (const posted of all.filter((each) => !isGood(each)).slice(0, 1))
      await expect(peer.api('alerts', [posted])).rejects.toThrow('start time must be before end time');
    const good = all.filter(isGood);
    await peer.api('alerts', [clock, ...good]);
    const told = new Map(Told.parse(await peer.api('alerts')).map((alert) => [alert.fingerprint, alert]));
    const now = Date.parse(told.get(fingerprintOf(clock.labels))?.updatedAt ?? '');
    for (const posted of good) {
      const incoming = received(posted, now, RESOLVE_TIMEOUT_MS);
      const fingerprint = fingerprintOf(incoming.labels);
      const after = merged(known.get(fingerprint), incoming);
      joined += Number(after.startsAt !== incoming.startsAt || after.endsAt !== incoming.endsAt);
      known.set(fingerprint, after);
      const there = told.get(fingerprint);
      // What is over is not told of any more.
      expect(there === undefined, JSON.stringify(posted)).toBe(isResolvedAt(after, now));
      if (there !== undefined) expect([there.startsAt, there.endsAt]).toEqual([after.startsAt, after.endsAt]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(rounds.length * 30);
  expect(joined).toBeGreaterThan(rounds.length);
});
