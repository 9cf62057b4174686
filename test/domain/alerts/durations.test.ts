import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from '../../../lambdas/domain/alerts/durations.ts';

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['0w', 0],
    ['324ms', 324],
    ['3s', 3000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['4d', 345_600_000],
    ['4d1h', 349_200_000],
    ['14d', 1_209_600_000],
    ['3w', 1_814_400_000],
    ['3w2d1h', 1_990_800_000],
    ['10y', 315_360_000_000],
    ['292y', 9_208_512_000_000],
    ['9223372036854ms', 9_223_372_036_854],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['', /empty duration/],
    ['1', /not a valid duration string: "1"/],
    ['1y1m1d', /not a valid/],
    ['-1w', /not a valid/],
    ['1.5d', /not a valid/],
    ['d', /not a valid/],
    ['1h ', /not a valid/],
    ['294y', /out of range/],
    ['200y10400w', /out of range/],
    ['9223372036855ms', /out of range/],
    [`${'9'.repeat(400)}s`, /out of range/],
  ])('%j is refused', (text, words) => expect(() => parseDuration(text)).toThrow(words));

  it.each([
    [0, '0s'],
    [1_209_600_000, '2w'],
    [7_776_000_000, '90d'],
    [31_536_000_000, '1y'],
    [315_360_000_000, '10y'],
    [3_600_001, '1h1ms'],
  ])('of %d ms is written %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('reads back as it is written', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((ms) => ms % 9_223_372_036_855),
        (ms) => {
          expect(parseDuration(durationText(ms))).toBe(ms);
        },
      ),
    );
  });
});
