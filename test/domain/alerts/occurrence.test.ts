import { describe, expect, it } from 'vitest';
import { FOREVER, occurrenceOf, timesOfItsOwn } from '../../../lambdas/domain/alerts/occurrence.ts';
import { stateOf } from '../../../lambdas/domain/alerts/silence.ts';
import type { SilenceRow } from '../../../lambdas/domain/alerts/silence-row.ts';
import { openingAround } from '../../../lambdas/domain/window-times.ts';
import { newSilence } from '../../support/alert-rows.ts';

/** When silences that recur hold. */
const nights = {
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['sun' as const], start: '01:30', stop: '04:00' }],
  closures: [],
};
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const recurring = (more: Partial<SilenceRow> = {}): SilenceRow =>
  newSilence({ startsAt: '2026-03-01T00:00:00.000Z', endsAt: FOREVER, times: nights, ...more });
const heldAt = (silence: SilenceRow, at: string) => {
  const now = Date.parse(at);
  const times = timesOfItsOwn(silence.times ?? nights);
  const { startsAt, endsAt, ...rest } = occurrenceOf(silence, (moment) => openingAround(times, moment), now);
  return [stateOf({ startsAt, endsAt, ...rest }, now), startsAt, endsAt];
};

describe('a silence that recurs', () => {
  it('is the next of its occurrences, then this one, then the next again', () => {
    const [from, until] = ['2026-03-22T00:30:00.000Z', '2026-03-22T03:00:00.000Z'];
    expect(heldAt(recurring(), '2026-03-16T00:00:00.000Z')).toEqual(['pending', from, until]);
    expect(heldAt(recurring(), from)).toEqual(['active', from, until]);
    expect(heldAt(recurring(), '2026-03-22T02:59:59.999Z')).toEqual(['active', from, until]);
    expect(heldAt(recurring(), until)[0]).toBe('pending');
  });

  it('goes by the clocks of its zone, also on days on which these are changed', () => {
    // The night of the 29th of March has an hour less, that of the 25th of October one more.
    expect(heldAt(recurring(), '2026-03-28T00:00:00.000Z').slice(1)).toEqual([
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ]);
    expect(heldAt(recurring(), '2026-10-24T00:00:00.000Z').slice(1)).toEqual([
      '2026-10-24T23:30:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]);
  });

  it('holds from when it was made and until it ends for good, and not before or after', () => {
    const bounded = recurring({ startsAt: '2026-03-22T01:00:00.000Z', endsAt: '2026-03-29T01:00:00.000Z' });
    expect(heldAt(bounded, '2026-03-22T00:45:00.000Z')).toEqual([
      'pending',
      '2026-03-22T01:00:00.000Z',
      '2026-03-22T03:00:00.000Z',
    ]);
    expect(heldAt(bounded, '2026-03-29T00:45:00.000Z')).toEqual([
      'active',
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ]);
    expect(heldAt(bounded, '2026-03-29T01:00:00.000Z')[0]).toBe('expired');
  });

  it('passes over an occurrence that somebody has ended, and recurs after it', () => {
    const skipping = recurring({ skippedUntil: '2026-03-22T03:00:00.000Z' });
    expect(heldAt(skipping, '2026-03-22T01:00:00.000Z')).toEqual([
      'pending',
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ]);
    // Its times were changed since: what was ended stays so.
    const longer = { ...nights, periods: [{ weekdays: ['sun' as const], start: '01:30', stop: '06:00' }] };
    expect(heldAt({ ...skipping, times: longer }, '2026-03-22T02:00:00.000Z').slice(0, 2)).toEqual([
      'pending',
      '2026-03-22T03:00:00.000Z',
    ]);
  });

  it('is over for as long as nothing of it is to come', () => {
    const once = { ...nights, periods: [{ dates: ['2026-03-05'], start: '01:30', stop: '04:00' }] };
    expect(heldAt(recurring({ times: once }), '2026-03-06T00:00:00.000Z')[0]).toBe('expired');
    expect(occurrenceOf(recurring(), () => undefined, Date.now()).endsAt).toBe('2026-03-01T00:00:00.000Z');
    const before = recurring({ endsAt: '2026-03-01T00:15:00.000Z' });
    expect(heldAt(before, '2026-03-01T00:05:00.000Z')[0]).toBe('expired');
  });

  it('is always the same where its times never end', () => {
    const always = { ...nights, periods: [{ weekdays: [...WEEK], start: '00:00', stop: '24:00' }] };
    const [state, from, until] = heldAt(recurring({ times: always }), '2026-03-16T00:00:00.000Z');
    expect([state, from]).toEqual(['active', '2026-03-01T00:00:00.000Z']);
    expect(Date.parse(String(until))).toBeGreaterThan(Date.parse('2027-01-01T00:00:00.000Z'));
  });
});
