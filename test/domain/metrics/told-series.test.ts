import { expect, it } from 'vitest';
import { ToldSeries } from '../../../lambdas/domain/metrics/told-series.ts';

const CPU = 'vm.cpu.utilization';
const column = (subject: string, metric: string, values: (number | undefined)[]) => ({ subject, metric, values });

it('what was told, and what is older than that, is no news; another series of the same subject is', () => {
  const told = new ToldSeries({ a: { [CPU]: 20 } });
  const frame = {
    times: [10, 20, 30],
    columns: [
      column('a', CPU, [1, 2, 3]),
      column('a', 'vm.cpu.steal', [4, undefined, undefined]),
      column('b', CPU, [undefined, 5, 6]),
    ],
  };
  const news = told.newsIn(frame);
  expect(news).toEqual([
    { at: 10, values: [{ subject: 'a', metric: 'vm.cpu.steal', value: 4 }] },
    { at: 20, values: [{ subject: 'b', metric: CPU, value: 5 }] },
    {
      at: 30,
      values: [
        { subject: 'a', metric: CPU, value: 3 },
        { subject: 'b', metric: CPU, value: 6 },
      ],
    },
  ]);
  for (const moment of news) told.note(moment);
  expect(told.newsIn(frame)).toEqual([]);
});

it('is kept without what has not been told for long, and a metric that the catalogue has not is none', () => {
  const told = new ToldSeries({ a: { [CPU]: 20 }, b: { [CPU]: 5 } });
  expect(told.newsIn({ times: [30], columns: [column('a', 'vm.of.a.newer.unit', [1])] })).toEqual([]);
  expect(told.since(10)).toEqual({ a: { [CPU]: 20 } });
});
