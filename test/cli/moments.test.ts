import { describe, expect, it } from 'vitest';
import { momentOf } from '../../cli/moments.ts';
import { closure, period, periodText } from '../../cli/periods.ts';

/** A Thursday, by this machine's clock. */
const NOW = new Date(2026, 10, 26, 15, 30);
const local = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();

describe('a moment as it is typed', () => {
  it.each([
    ['4h', local(2026, 10, 26, 19, 30)],
    ['20:00', local(2026, 10, 26, 20, 0)],
    ['9:15', local(2026, 10, 27, 9, 15)],
    ['fri 20:00', local(2026, 10, 27, 20, 0)],
    ['thu 15:00', local(2026, 11, 3, 15, 0)],
    ['2026-12-24T18:00', local(2026, 11, 24, 18, 0)],
    ['2026-12-24 18:00', local(2026, 11, 24, 18, 0)],
    ['2026-12-24T18:00Z', '2026-12-24T18:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(momentOf(text, NOW)).toBe(expected);
  });

  it.each(['', 'tomorrow', '25:00', '4', '2026-13-01T10:00', 'fri'])('%s is none', (text) => {
    expect(momentOf(text, NOW)).toBeUndefined();
  });
});

describe('a period as it is typed', () => {
  it.each([
    ['mon-fri 09:00-18:00', { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' }],
    ['sat,sun 10:00-', { weekdays: ['sat', 'sun'], start: '10:00' }],
    ['1,-1 -20:00', { monthDays: [1, -1], stop: '20:00' }],
    [
      '2nd-mon,last-fri 08:00-12:00',
      {
        nthWeekdays: [
          { nth: 2, weekday: 'mon' },
          { nth: -1, weekday: 'fri' },
        ],
        start: '08:00',
        stop: '12:00',
      },
    ],
    ['2026-12-24,2026-12-31 09:00-14:00', { dates: ['2026-12-24', '2026-12-31'], start: '09:00', stop: '14:00' }],
  ])('%s is read, and written back', (text, expected) => {
    const [read] = period(text);
    expect(read).toEqual(expected);
    expect(read && periodText(read)).toBe(text);
  });

  it('is a stretch over the end of a week, and every day', () => {
    expect(period('fri-mon 10:00-12:00')[0]?.weekdays).toEqual(['mon', 'fri', 'sat', 'sun']);
    expect(periodText({ weekdays: ['mon', 'fri', 'sat', 'sun'], start: '10:00' })).toBe('mon,fri,sat,sun 10:00-');
    expect(period('daily 22:00-06:00').map(periodText)).toEqual(['daily 22:00-06:00']);
  });

  it.each(['', 'mon', 'mon 9-18', 'mon,1 09:00-18:00', 'moon 09:00-18:00', 'mon -', '6th-mon 09:00-10:00'])(
    '%s is none',
    (text) => {
      expect(() => period(text)).toThrow('<days> <start>-<stop>');
    },
  );
});

describe('closed days as they are typed', () => {
  it('are a date or a stretch, with what they are for', () => {
    expect(closure('2026-12-24..2027-01-01=winter break', closure('2026-10-03'))).toEqual([
      { from: '2026-10-03' },
      { from: '2026-12-24', to: '2027-01-01', note: 'winter break' },
    ]);
    expect(() => closure('christmas')).toThrow('It is a date');
  });
});
