import { describe, expect, it } from 'vitest';
import { delaysAfter, waitedMs } from '../../lambdas/domain/report-delay.ts';

const AT = '2026-11-25T12:00:00.000Z';
const ago = (ms: number) => ({ sentAt: new Date(Date.parse(AT) - ms).toISOString() });
const beat = (...delaysMs: number[]) => ({ hostId: 'h-0000000000000001', at: AT, version: 1, delaysMs });
const HOUR = 3_600_000;

describe('what a report waited on its way', () => {
  it.each<[string, number[], number, number]>([
    ['is what it took longer than the quickest of those before', [90, 20, 400], 40_020, 40_000],
    ['is nothing where it was as quick', [90, 20], 20, 0],
    ['is nothing where it was quicker', [90, 20], 5, 0],
    ['is told whatever the clock of its host says', [HOUR + 10, HOUR + 15], HOUR + 30_010, 30_000],
    ['is told of a host that is ahead', [-HOUR, 5 - HOUR], 30_000 - HOUR, 30_000],
    ['is nothing where a clock was set back by an hour', [20, 30], HOUR, 0],
    ['is nothing where a clock was set ahead', [20, 30], -HOUR, 0],
    ['may be five minutes', [0], 300_000, 300_000],
    ['is no more than that', [0], 300_001, 0],
  ])('%s', (_, before, delay, waited) => {
    expect(waitedMs(beat(...before), ago(delay), AT)).toBe(waited);
  });

  it('is nothing of the first report, and after a beat of an earlier release', () => {
    expect(waitedMs(undefined, ago(50_000), AT)).toBe(0);
    expect(waitedMs({ hostId: 'h-0000000000000001', at: AT, version: 1 }, ago(50_000), AT)).toBe(0);
  });

  it('is judged by the last five', () => {
    expect(delaysAfter(undefined, ago(7), AT)).toEqual([7]);
    expect(delaysAfter(beat(1, 2, 3, 4, 5), ago(6), AT)).toEqual([2, 3, 4, 5, 6]);
  });
});
