import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Savings } from '../../cli/api.ts';
import { bar, sparkline } from '../../cli/bars.ts';
import { csv } from '../../cli/csv.ts';
import { apportioned, joined } from '../../cli/sums.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
beforeEach(async () => {
  plane = await startPlane();
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => plane.close());

const sum = (hours: number, usd: number) => ({ seconds: hours * 3600, usd, estimatedUsd: 0, unpricedSeconds: 0 });
const RANGE = { from: '2026-10-19T00:00:00.000Z', to: '2026-10-22T00:00:00.000Z', by: 'schedule' };
const first: Savings = {
  ...RANGE,
  total: sum(21, 0.9),
  days: [
    { day: '2026-10-19', ...sum(14, 0.6) },
    { day: '2026-10-21', ...sum(7, 0.3) },
  ],
  groups: [
    { key: 'sch-1', name: 'office', ...sum(14, 0.6) },
    { key: 'sch-2', name: 'nights', ...sum(7, 0.3) },
  ],
};
const second: Savings = {
  ...RANGE,
  total: { ...sum(10, 1), estimatedUsd: 1 },
  days: [{ day: '2026-10-20', ...sum(10, 1), estimatedUsd: 1 }],
  groups: [{ key: 'sch-2', name: 'nights', ...sum(10, 1), estimatedUsd: 1 }],
};

const typed = (...words: string[]) => type(['schedule', 'savings', ...words], { env });

describe('schedule savings', () => {
  it('draws a bar a day, and names schedules and the total, of all pages together', async () => {
    plane.savings = [{ ...first, cursor: '1' }, second];
    const { out, code } = await typed('--from', '2026-10-19', '--to', '2026-10-22');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Saved by schedules, 2026-10-19T00:00Z to 2026-10-22T00:00Z, days of UTC

      Mon 2026-10-19  ████████████████████████                    14.0 h      0.60 USD
      Tue 2026-10-20  ████████████████████████████████████████    10.0 h      1.00 USD
      Wed 2026-10-21  ████████████                                 7.0 h      0.30 USD

      SCHEDULE  HOURS OFF  SAVED USD  OF IT ESTIMATED
      nights         17.0       1.30             1.00
      office         14.0       0.60                –

      Off by schedules 31.0 h: 1.90 USD saved, disks apart.
      1.00 USD of it is an estimate by the price book.
      "
    `);
    expect(plane.seen.map(({ query }) => query)).toMatchObject([
      { by: 'schedule', from: '2026-10-19T00:00:00.000Z', to: '2026-10-22T00:00:00.000Z' },
      { cursor: '1' },
    ]);
  });

  it('is JSON with all pages as one, and CSV', async () => {
    plane.savings = [{ ...first, cursor: '1' }, second];
    const { out } = await typed('-o', 'json', '--days', '7');
    expect(JSON.parse(out)).toEqual(joined(first, second));
    plane.savings = [first];
    expect((await typed('-o', 'csv', '--by', 'tag:app')).out).toBe(
      'schedule,name,seconds_off,saved_usd,estimated_usd,unpriced_seconds\r\nsch-1,office,50400,0.6,0,0\r\nsch-2,nights,25200,0.3,0,0\r\n',
    );
  });

  it('is a line of columns where there are many days, and says where there is nothing', async () => {
    plane.savings = [{ ...first, to: '2027-10-19T00:00:00.000Z' }];
    expect((await typed()).out).toContain('2026-10-19 █ ▅');
    plane.savings = [{ ...first, total: sum(0, 0), days: [], groups: [] }];
    expect((await typed()).out).toContain('Nothing was off because a schedule stopped it.');
  });

  it('colours on a terminal only', async () => {
    plane.savings = [first];
    expect((await typed()).out).not.toContain('\u001b[');
    const { out } = await type(['schedule', 'savings'], { env: { ...env, NO_COLOR: '', FORCE_COLOR: '1' } });
    expect(out).toContain('\u001b[32m');
  });

  it('refuses what it cannot tell apart by', async () => {
    expect(await typed('--by', 'host')).toMatchObject({ code: 2 });
    expect(await typed('--from', '2026-13-01')).toMatchObject({ code: 2 });
  });
});

describe('figures', () => {
  it('of a column add up to their rounded sum, each off by less than one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e9 })), (micros) => {
        const values = micros.map((each) => each / 1e6);
        const cents = apportioned(values, 0.01);
        expect(cents.reduce((a, b) => a + b, 0)).toBe(Math.round(values.reduce((a, b) => a + b / 0.01, 0)));
        for (const [index, each] of cents.entries())
          expect(Math.abs(each - (values[index] ?? 0) * 100)).toBeLessThan(1.0001);
      }),
    );
  });

  it('as bars and columns show what is little, and nothing where there is nothing', () => {
    expect([bar(0, 10), bar(0.001, 10), bar(0.5, 10), bar(1, 10)]).toEqual(['', '▏', '█████', '██████████']);
    expect(sparkline([0, 1, 4, 8])).toBe(' ▂▅█');
    expect(sparkline([])).toBe('');
  });

  it('in CSV are quoted where they must be, and are no formulas', () => {
    expect(csv([['a,b', 'c"d', '=1+1', '-x', -1]])).toBe(`"a,b","c""d",'=1+1,'-x,-1\r\n`);
  });
});
