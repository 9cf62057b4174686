import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compacted } from '../../../lambdas/domain/metrics/compaction.ts';
import type { Frame } from '../../../lambdas/domain/metrics/frame.ts';
import { latestOf, summaries } from '../../../lambdas/domain/metrics/latest.ts';
import { hourOf, hoursOf, shownAs } from '../../../lambdas/domain/metrics/retention.ts';
import {
  mergedSeries,
  pointOf,
  rolledUp,
  seriesOf,
  stepped,
  unrolled,
} from '../../../lambdas/domain/metrics/series.ts';

const CPU = 'vm.cpu.utilization';
const cpu = (times: number[], values: (number | undefined)[], subject = 'vm-1'): Frame => ({
  times,
  columns: [{ subject, metric: CPU, values }],
});

describe('series', () => {
  it('know a sample that came twice once, and what is not known not at all', () => {
    const series = seriesOf([cpu([1000, 2000], [0.5, undefined]), cpu([1000, 3000], [0.5, 0.7])]);
    expect(series.get(CPU)).toEqual([pointOf(1000, 0.5), pointOf(3000, 0.7)]);
  });

  it('pass over metrics that this release does not know', () => {
    const frame = { times: [1], columns: [{ subject: 'vm-1', metric: 'vm.of.later', values: [1] }] };
    expect(seriesOf([frame]).size).toBe(0);
    expect(unrolled([frame]).size).toBe(0);
  });

  it('in steps are means, extremes and counts, and a step without samples is none', () => {
    const points = [pointOf(0, 1), pointOf(30_000, 3), pointOf(120_000, 5)];
    expect(stepped(points, 60_000)).toEqual([
      { at: 0, avg: 2, min: 1, max: 3, count: 2 },
      { at: 120_000, avg: 5, min: 5, max: 5, count: 1 },
    ]);
  });

  it('of two parts are one, in which the later part is right', () => {
    const merged = mergedSeries(new Map([[CPU, [pointOf(1, 1), pointOf(2, 1)]]]), new Map([[CPU, [pointOf(2, 9)]]]));
    expect(merged.get(CPU)).toEqual([pointOf(1, 1), pointOf(2, 9)]);
  });

  it('rolled up and taken apart again are what they were in those steps', () => {
    const sample = fc.record({ at: fc.integer({ min: 0, max: 7_200_000 }), value: fc.integer({ min: 0, max: 1000 }) });
    fc.assert(
      fc.property(fc.uniqueArray(sample, { selector: ({ at }) => at, minLength: 1 }), (samples) => {
        const points = samples.toSorted((a, b) => a.at - b.at).map(({ at, value }) => pointOf(at, value));
        const back = unrolled([rolledUp(new Map([[CPU, points]]), 300_000)]).get(CPU);
        expect(back).toEqual(stepped(points, 300_000));
        // The mean of all is the same, in whatever steps.
        const [all] = stepped(points, 1e12);
        const [ofSteps] = stepped(back ?? [], 1e12);
        expect(ofSteps?.avg).toBeCloseTo(all?.avg ?? Number.NaN, 6);
        expect(ofSteps).toMatchObject({ min: all?.min, max: all?.max, count: all?.count });
      }),
    );
  });

  it('of an hour are put together for each subject by itself', () => {
    const hours = compacted([cpu([0, 15_000], [1, 2]), cpu([30_000], [7], 'vm-2'), cpu([30_000], [3])]);
    const [one, two] = hours;
    expect(hours.map(({ subject }) => subject)).toEqual(['vm-1', 'vm-2']);
    expect(one?.frames.raw).toEqual(cpu([0, 15_000, 30_000], [1, 2, 3]));
    expect(two && unrolled([two.frames['1h']]).get(CPU)).toEqual([{ at: 0, avg: 7, min: 7, max: 7, count: 1 }]);
  });
});

describe('what is known now', () => {
  it('is the mean since then, and nothing of what was not seen since', () => {
    const frames = [cpu([0, 60_000, 75_000], [9, 1, 3]), cpu([0], [5], 'vm-2')];
    expect(latestOf(frames, 30_000, 60_000)).toEqual(new Map([['vm-1', { at: 75_000, values: { [CPU]: 2 } }]]));
  });

  it('is the last sample where one comes more seldom than that', () => {
    const frames = [cpu([0, 300_000, 600_000], [9, 1, 3]), cpu([300_000], [5], 'vm-2')];
    const latest = latestOf(frames, 200_000, 60_000);
    expect(latest.get('vm-1')).toEqual({ at: 600_000, values: { [CPU]: 3 } });
    expect(latest.get('vm-2')).toEqual({ at: 300_000, values: { [CPU]: 5 } });
  });

  it('is summed up of those that have it', () => {
    const summary = summaries([{ [CPU]: 0.1 }, { [CPU]: 0.3 }, {}, { [CPU]: 0.2 }]);
    expect(Object.keys(summary)).toEqual([CPU]);
    expect(summary[CPU]).toMatchObject({ count: 3, min: 0.1, max: 0.3, p50: 0.2 });
    expect(summary[CPU]?.sum).toBeCloseTo(0.6);
    expect(summary[CPU]?.p95).toBeCloseTo(0.29);
  });
});

describe('a span', () => {
  const now = Date.parse('2026-11-27T08:30:00.000Z');
  const HOUR = 3_600_000;

  it('has the hours that it touches', () => {
    expect(hoursOf(now - HOUR, now)).toEqual(['2026-11-27T07', '2026-11-27T08']);
    expect(hourOf(now)).toBe('2026-11-27T08');
  });

  it.each([
    ['an hour', HOUR, 0, 'raw', 15_000],
    ['six hours', 6 * HOUR, 0, 'raw', 60_000],
    ['a day', 24 * HOUR, 0, '5m', 300_000],
    ['a week', 168 * HOUR, 0, '5m', 3_600_000],
    ['a month', 720 * HOUR, 0, '1h', 7_200_000],
    ['a year', 8760 * HOUR, 0, '1h', 86_400_000],
    ['an hour in steps that are asked for', HOUR, 240_000, 'raw', 300_000],
  ])('of %s is shown in at most 500 points', (_, span, asked, resolution, stepMs) => {
    expect(shownAs(now - span, now, now, asked)).toEqual({ resolution, stepMs });
    expect(span / stepMs).toBeLessThanOrEqual(500);
  });

  it('of an hour that is long ago is read as it is still known', () => {
    const back = (days: number) => shownAs(now - days * 24 * HOUR, now - days * 24 * HOUR + HOUR, now).resolution;
    expect([1, 20, 200].map(back)).toEqual(['raw', '5m', '1h']);
  });
});
