import { expect, it } from 'vitest';
import { FOREVER } from '../../../lambdas/domain/alerts/occurrence.ts';
import { remindAt, watched } from '../../../lambdas/domain/alerts/reminder.ts';
import type { SilenceRow } from '../../../lambdas/domain/alerts/silence-row.ts';
import { newSilence } from '../../support/alert-rows.ts';

/** When people are told that a silence ends. */
const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();
const lasting = (minutes: number, more: Partial<SilenceRow> = {}): SilenceRow =>
  newSilence({ startsAt: at(0), endsAt: at(minutes), ...more });
const minutesTo = (silence: SilenceRow): number | undefined => {
  const moment = remindAt(silence, silence, NOW);
  return moment === undefined ? undefined : (moment - NOW) / 60_000;
};

it('is a quarter of an hour before its end, and never for one that is shorter than an hour', () => {
  expect([lasting(60), lasting(240), lasting(59)].map(minutesTo)).toEqual([45, 225, undefined]);
});

it('is when its maker wishes, at the earliest when it begins', () => {
  expect(minutesTo(lasting(240, { remindBefore: '1h' }))).toBe(180);
  expect(minutesTo(lasting(10, { remindBefore: '5m' }))).toBe(5);
  expect(minutesTo(lasting(10, { remindBefore: '1h' }))).toBe(0);
  expect(minutesTo(lasting(240, { remindBefore: '0s' }))).toBeUndefined();
});

it('is once for each end: one that is put off comes anew', () => {
  expect(minutesTo(lasting(60, { reminded: at(60) }))).toBeUndefined();
  expect(minutesTo(lasting(120, { reminded: at(60) }))).toBe(105);
});

it('is what a silence is looked at for, and one that recurs each hour besides, for its window may be another', () => {
  const lookAt = (silence: SilenceRow, occurrence = silence) => watched(silence, occurrence, NOW).lookAt;
  expect(lookAt(lasting(60))).toBe(at(45));
  expect(lookAt(lasting(60, { reminded: at(60), lookAt: at(45) }))).toBeUndefined();
  expect(lookAt(lasting(-1))).toBeUndefined();
  const nightly = lasting(0, { endsAt: FOREVER, window: 'win-0000000000000001' });
  expect(lookAt(nightly, lasting(60))).toBe(at(45));
  expect(lookAt(nightly, lasting(600))).toBe(at(60));
  expect(lookAt({ ...nightly, remindBefore: '0s' }, lasting(600))).toBeUndefined();
});
