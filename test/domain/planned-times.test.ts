import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayAt, daysLater, instantOf, isTimeZone } from '../../lambdas/domain/civil-time.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Period } from '../../lambdas/domain/period.ts';
import { closedDays, nextPlanned, type Plan, plannedAt, plannedTimes } from '../../lambdas/domain/planned-times.ts';
import type { Override } from '../../lambdas/domain/schedule.ts';

const calendar = (periods: Period[], more: Partial<Plan> = {}): Plan => ({
  timeZone: 'Europe/Berlin',
  periods,
  closures: [],
  overrides: [],
  holidays: NO_HOLIDAYS,
  windowTimes: [],
  ...more,
});
const OFFICE: Period = { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' };
const utc = (text: string): number => Date.parse(`${text}Z`);
const told = (all: Plan, from: string, to: string): string[] =>
  plannedTimes(all, utc(from), utc(to)).map(({ at, want }) => `${new Date(at).toISOString().slice(0, 16)} ${want}`);

describe('the times of a schedule', () => {
  it('are the starts and stops of its days', () => {
    // 2026-11-27 is a Friday.
    expect(told(calendar([OFFICE]), '2026-11-27T00:00', '2026-12-01T00:00')).toEqual([
      '2026-11-27T08:00 up',
      '2026-11-27T17:00 down',
      '2026-11-30T08:00 up',
      '2026-11-30T17:00 down',
    ]);
  });

  it.each<[string, Period, string[]]>([
    ['the last Friday of a month', { nthWeekdays: [{ nth: -1, weekday: 'fri' }], start: '10:00' }, ['27T09:00 up']],
    ['the second Monday', { nthWeekdays: [{ nth: 2, weekday: 'mon' }], stop: '10:00' }, ['09T09:00 down']],
    ['the last day', { monthDays: [-1], start: '10:00' }, ['30T09:00 up']],
    ['the first and the 31st, which there is none of', { monthDays: [1, 31], start: '10:00' }, ['01T09:00 up']],
    ['a date', { dates: ['2026-11-12'], start: '10:00', stop: '11:00' }, ['12T09:00 up', '12T10:00 down']],
    ['a night', { dates: ['2026-11-12'], start: '22:00', stop: '06:00' }, ['12T21:00 up', '13T05:00 down']],
    ['weekdays of other months', { weekdays: ['mon'], months: [10, 12], start: '10:00' }, []],
    ['days of this month', { monthDays: [3, -1], months: [2, 11], start: '10:00' }, ['03T09:00 up', '30T09:00 up']],
    ['a whole day', { dates: ['2026-11-12'], start: '00:00', stop: '24:00' }, ['11T23:00 up', '12T23:00 down']],
  ])('of %s', (_, period, expected) => {
    expect(told(calendar([period]), '2026-10-31T23:00', '2026-11-30T23:00')).toEqual(
      expected.map((each) => `2026-11-${each}`),
    );
  });

  it.each<[string, string[], string | undefined]>([
    ['years ahead', ['2031-05-01', '2029-02-28'], '2029-02-28T08:00'],
    ['just behind what is looked through', ['2028-01-02'], '2028-01-02T08:00'],
    ['of which the first ones are over', ['2020-01-01', '2029-02-28'], '2029-02-28T08:00'],
    ['that are over', ['2020-01-01'], undefined],
  ])('are found on dates %s', (_, dates, expected) => {
    const next = nextPlanned(calendar([{ dates, start: '09:00', stop: '18:00' }]), utc('2026-11-27T00:00'));
    expect(next && new Date(next.at).toISOString().slice(0, 16)).toBe(expected);
  });

  it('join periods that overlap or touch, so that nothing stops in between', () => {
    const periods = [
      OFFICE,
      { ...OFFICE, start: '12:00', stop: '20:00' },
      { ...OFFICE, start: '20:00', stop: '21:00' },
    ];
    expect(told(calendar(periods), '2026-11-27T00:00', '2026-11-28T00:00')).toEqual([
      '2026-11-27T08:00 up',
      '2026-11-27T20:00 down',
    ]);
  });

  it('let a period that only stops end what a longer one holds up', () => {
    const periods: Period[] = [
      { dates: ['2026-11-12'], start: '08:00', stop: '24:00' },
      { ...OFFICE, stop: '22:00' },
    ];
    delete periods[1]?.start;
    expect(told(calendar(periods), '2026-11-12T00:00', '2026-11-13T00:00')).toEqual([
      '2026-11-12T07:00 up',
      '2026-11-12T21:00 down',
      '2026-11-12T23:00 down',
    ]);
    expect(plannedAt(calendar(periods), utc('2026-11-12T22:00'))?.want).toBe('down');
  });

  it('leave closed days out, and end what began the day before', () => {
    const nights: Period = { weekdays: ['wed', 'thu', 'fri'], start: '22:00', stop: '06:00' };
    const closures = [{ from: '2026-11-26', to: '2026-11-26', note: 'Thanksgiving' }];
    expect(told(calendar([nights], { closures }), '2026-11-25T00:00', '2026-11-28T12:00')).toEqual([
      '2026-11-25T21:00 up',
      '2026-11-26T05:00 down',
      '2026-11-27T21:00 up',
      '2026-11-28T05:00 down',
    ]);
  });
});

describe('closed days', () => {
  const holidays = (date: string) => (date === '2026-11-27' ? 'Founding day (works)' : undefined);
  const THAT_DAY: Period = { dates: ['2026-11-27'], start: '10:00', stop: '12:00' };

  it('of calendars are left out as those of the schedule are, and are named', () => {
    const plan = calendar([OFFICE], {
      holidays,
      closures: [{ from: '2026-11-30', note: 'bridge day' }, { from: '2026-12-01' }],
    });
    expect(told(plan, '2026-11-26T00:00', '2026-12-02T00:00')).toEqual([
      '2026-11-26T08:00 up',
      '2026-11-26T17:00 down',
    ]);
    // The weekend is no working day: nobody needs to close it.
    expect(closedDays(plan, utc('2026-11-26T00:00'), utc('2026-12-02T00:00'))).toEqual([
      { date: '2026-11-27', because: 'Founding day (works)' },
      { date: '2026-11-30', because: 'bridge day' },
      { date: '2026-12-01', because: 'closed by the schedule' },
    ]);
    expect(nextPlanned(plan, utc('2026-11-26T17:00'))?.at).toBe(utc('2026-12-02T08:00'));
    expect(plannedAt(plan, utc('2026-11-27T12:00'))?.want).toBe('down');
  });

  it('are opened by a period that names the date, and by no other', () => {
    const closures = [{ from: '2026-11-27' }];
    for (const closed of [{ holidays }, { closures }]) {
      const plan = calendar([OFFICE, THAT_DAY], closed);
      expect(told(plan, '2026-11-27T00:00', '2026-11-28T00:00')).toEqual([
        '2026-11-27T09:00 up',
        '2026-11-27T11:00 down',
      ]);
    }
  });
});

describe('cron', () => {
  const nights: Period = { cron: { start: '30 2 * * *', stop: '30 2 * * *' } };

  it('starts and stops at its moments, with starts left out on closed days and stops not', () => {
    const period: Period = { cron: { start: '0 22 * * THU,FRI', stop: '0 6 * * *' } };
    const holidays = (date: string) => (date === '2026-11-27' ? 'Founding day' : undefined);
    const plan = calendar([period], { holidays });
    expect(told(plan, '2026-11-26T12:00', '2026-11-28T12:00')).toEqual([
      '2026-11-26T21:00 up',
      '2026-11-27T05:00 down',
      '2026-11-28T05:00 down',
    ]);
    expect(closedDays(plan, utc('2026-11-26T00:00'), utc('2026-11-29T00:00')).map(({ date }) => date)).toEqual([
      '2026-11-27',
    ]);
  });

  it('obeys the rule of clocks: the moment they are put forward, the first of two for a start, the second for a stop', () => {
    expect(told(calendar([nights]), '2027-03-28T00:00', '2027-03-28T12:00')).toEqual([
      '2027-03-28T01:00 down',
      '2027-03-28T01:00 up',
    ]);
    expect(told(calendar([nights]), '2026-10-25T00:00', '2026-10-25T12:00')).toEqual([
      '2026-10-25T00:30 up',
      '2026-10-25T01:30 down',
    ]);
  });
});

describe('clocks that are put forward and back', () => {
  const night: Period = { weekdays: ['sun'], start: '02:30', stop: '05:00' };

  it('start what has no time of its own when the clock is put forward', () => {
    expect(told(calendar([night]), '2027-03-27T12:00', '2027-03-28T12:00')).toEqual([
      '2027-03-28T01:00 up',
      '2027-03-28T03:00 down',
    ]);
  });

  it('start at the first of two, and stop at the second', () => {
    const twice: Period = { weekdays: ['sun'], start: '02:15', stop: '02:45' };
    expect(told(calendar([twice]), '2026-10-24T12:00', '2026-10-25T12:00')).toEqual([
      '2026-10-25T00:15 up',
      '2026-10-25T01:45 down',
    ]);
  });

  it('make no run of a period that lies in the hour that is not', () => {
    const gone: Period = { weekdays: ['sun'], start: '02:10', stop: '02:50' };
    expect(told(calendar([gone]), '2027-03-27T12:00', '2027-03-28T12:00')).toEqual([]);
  });

  it('agree with how the zone itself shows each instant', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu'),
        fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2028-01-01T00:00') }),
        fc.integer({ min: 0, max: 23 }),
        (timeZone, day, hour) => {
          const { date } = dayAt(timeZone, day);
          const time = `${String(hour).padStart(2, '0')}:30`;
          const at = instantOf(timeZone, date, time, 'earlier');
          const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
            at,
          );
          const isGap = shown !== `${date} ${time}`;
          // In a gap the clock shows a later time, never an earlier one.
          expect(isGap ? shown > `${date} ${time}` : true).toBe(true);
          if (isGap) expect(instantOf(timeZone, date, time, 'later')).toBe(at);
        },
      ),
    );
  });
});

describe('overrides', () => {
  const upUntilEight: Override = {
    want: 'up',
    from: '2026-11-27T16:00:00.000Z',
    until: '2026-11-27T20:00:00.000Z',
    by: 'oidc:anna',
  };

  it('hold until their moment, and then put in place what the periods want', () => {
    const all = calendar([OFFICE], { overrides: [upUntilEight] });
    expect(told(all, '2026-11-27T12:00', '2026-11-28T00:00')).toEqual(['2026-11-27T16:00 up', '2026-11-27T20:00 down']);
    expect(plannedAt(all, utc('2026-11-27T18:00'))).toMatchObject({ want: 'up', because: 'override by oidc:anna' });
    expect(plannedTimes(all, utc('2026-11-27T19:00'), utc('2026-11-28T00:00'))[0]?.because).toContain(
      'override by oidc:anna ends',
    );
  });

  it('that follow each other hand over without a step between', () => {
    const down: Override = {
      ...upUntilEight,
      want: 'down',
      from: upUntilEight.until,
      until: '2026-11-30T12:00:00.000Z',
    };
    expect(
      told(calendar([OFFICE], { overrides: [upUntilEight, down] }), '2026-11-27T12:00', '2026-12-01T00:00'),
    ).toEqual(['2026-11-27T16:00 up', '2026-11-27T20:00 down', '2026-11-30T12:00 up', '2026-11-30T17:00 down']);
  });
});

describe('what is wanted at a moment', () => {
  it('is what the last time before it said', () => {
    expect(plannedAt(calendar([OFFICE]), utc('2026-11-29T12:00'))).toMatchObject({ want: 'down' });
    expect(plannedAt(calendar([OFFICE]), utc('2026-11-30T08:00'))).toMatchObject({ want: 'up' });
    expect(plannedAt(calendar([{ dates: ['2027-01-01'], start: '10:00' }]), utc('2026-11-29T12:00'))).toBeUndefined();
  });

  it('is up of what is always up, which has no next time', () => {
    const always = calendar([
      { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', stop: '24:00' },
    ]);
    expect(plannedAt(always, utc('2026-11-29T12:00'))?.want).toBe('up');
    expect(nextPlanned(always, utc('2026-11-29T12:00'))).toBeUndefined();
  });

  it('is what a stop alone said within days without a pause, however long ago they began', () => {
    const days = ['mon', 'tue', 'wed', 'thu'] as const;
    const all = calendar([
      { weekdays: [...days], start: '00:00', stop: '24:00' },
      { weekdays: ['mon'], stop: '23:30' },
    ]);
    expect(plannedAt(all, utc('2026-01-01T00:00'))).toMatchObject({ at: utc('2025-12-29T22:30'), want: 'down' });
    expect(plannedAt(all, utc('2025-12-29T22:29'))).toMatchObject({ at: utc('2025-12-28T23:00'), want: 'up' });
  });

  it('agrees with the times, for any schedule and moment', () => {
    const time = fc.constantFrom('00:00', '02:30', '09:00', '13:00', '18:00', '23:30');
    const period = fc
      .record({
        weekdays: fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), { minLength: 1 }),
        start: fc.option(time, { nil: undefined }),
        stop: fc.option(fc.oneof(time, fc.constant('24:00')), { nil: undefined }),
      })
      .filter(({ start, stop }) => (start ?? stop) !== undefined && start !== stop);
    fc.assert(
      fc.property(
        fc.array(period, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2028-01-01T00:00') }),
        (periods, at) => {
          const all = calendar(periods as Period[]);
          const last = plannedTimes(all, daysLater(at, -9), at).at(-1);
          if (last) expect(plannedAt(all, at)?.want).toBe(last.want);
          const next = nextPlanned(all, at);
          if (next) expect(plannedTimes(all, at, next.at).map((each) => each.at)).toContain(next.at);
          if (next) expect(plannedTimes(all, at, next.at - 1)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

it.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['+02:00', false],
  ['', false],
])('knows whether %s is a time zone', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected);
});
