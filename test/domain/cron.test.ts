import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysFrom } from '../../lambdas/domain/civil-time.ts';
import { parseCron } from '../../lambdas/domain/cron.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

/** When it comes between two days, by a clock that is never changed. */
const told = (text: string, from: string, to: string): string[] => {
  const { isOn, times } = parseCron(text);
  return [...daysFrom('UTC', utc(`${from}T00:00`), utc(`${to}T00:00`))]
    .filter(isOn)
    .flatMap(({ date }) => times.map((time) => `${date}T${time}`));
};

describe('a cron expression comes', () => {
  it.each<[string, string[]]>([
    ['0 9 * * MON-FRI', ['02', '03', '04', '05', '06', '09', '10'].map((day) => `2026-11-${day}T09:00`)],
    ['30 8,20 1 * *', ['2026-11-01T08:30', '2026-11-01T20:30']],
    ['0 6 * * 0', ['2026-11-01T06:00', '2026-11-08T06:00']],
    ['0 6 * * SAT-SUN', ['2026-11-01T06:00', '2026-11-07T06:00', '2026-11-08T06:00']],
    ['0 9 3 * TUE', ['2026-11-03T09:00', '2026-11-10T09:00']],
    ['0 9 ? * MON#2 *', ['2026-11-09T09:00']],
    ['0 9 ? * 2 *', ['2026-11-02T09:00', '2026-11-09T09:00']],
    ['0 9 1W * ? 2026', ['2026-11-02T09:00']],
    ['0 9 8W * ?  2026', ['2026-11-09T09:00']],
  ])('%s', (text, expected) => expect(told(text, '2026-11-01', '2026-11-10')).toEqual(expected));

  it.each<[string, string[]]>([
    ['0 9 L * *', ['2026-10-31', '2026-11-30', '2026-12-31']],
    ['0 9 LW * ? *', ['2026-10-30', '2026-11-30', '2026-12-31']],
    ['0 9 ? * FRIL *', ['2026-10-30', '2026-11-27', '2026-12-25']],
    ['0 9 15W NOV ? *', ['2026-11-16']],
    ['0 9 1 1 ? 2027', []],
  ])('%s', (text, days) => expect(told(text, '2026-10-01', '2026-12-31')).toEqual(days.map((day) => `${day}T09:00`)));

  it('as croner says, which reads five fields too', () => {
    const number = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
    const part = (least: number, most: number) =>
      fc.oneof(
        number(least, most),
        fc
          .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.integer({ min: 2, max: 6 }).map((step) => `*/${step}`),
      );
    const field = (least: number, most: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.array(part(least, most), { minLength: 1, maxLength: 2 }).map((parts) => parts.join(',')),
      );
    const expression = fc
      .tuple(number(0, 59), number(0, 23), field(1, 28), field(1, 12), field(0, 6))
      .map((fields) => fields.join(' '));
    fc.assert(
      fc.property(expression, (text) => {
        const cron = new Cron(text, { timezone: 'UTC' });
        const expected: string[] = [];
        const until = utc('2027-03-01T00:00');
        for (
          let next = cron.nextRun(new Date(utc('2026-11-01T00:00') - 1));
          next && next.getTime() < until;
          next = cron.nextRun(next)
        ) {
          expected.push(next.toISOString().slice(0, 16));
        }
        expect(told(text, '2026-11-01', '2027-02-28')).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a cron expression is refused, naming what is wrong', () => {
  it.each([
    ['0 9 30 2 *', /no such day in an ordinary year/],
    ['0 9 29 2 *', /leap years alone is a date/],
    ['0 9 ? 2 MON#5 *', /no such day/],
    ['0 9 * *', /4 fields/],
    ['0 9 * * MON 2026 1', /7 fields/],
    ['60 9 * * *', /minute: 60 is not within 0 and 59/],
    ['0 24 * * *', /hour: 24/],
    ['0 9 32 * *', /day of the month: 32/],
    ['0 9 * 13 *', /month: 13/],
    ['0 9 * * MOO', /day of the week: MOO cannot be read/],
    ['0 9 * * FRI-MON', /day of the week: FRI-MON ends before it begins/],
    ['0 9 ? * 0 *', /day of the week: 0 is not within 1 and 7/],
    ['0 9 1 * MON *', /of six fields/],
    ['0 9 ? * ? *', /of six fields/],
    ['0 9 1 1 ? 1969', /year: 1969/],
    ['*/0 9 * * *', /minute: \*\/0/],
    ['* * * * *', /1440 times a day, and 24/],
    ['@daily', /1 fields/],
  ])('%s', (text, words) => expect(() => parseCron(text)).toThrow(words));
});
