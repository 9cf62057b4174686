import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysLater } from '../../lambdas/domain/civil-time.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Period } from '../../lambdas/domain/period.ts';
import {
  closedDays,
  nextPlanned,
  type Plan,
  type PlannedTime,
  plannedAt,
  plannedTimes,
} from '../../lambdas/domain/planned-times.ts';
import { comingOpenings, openAt, openingsOf, type WindowTimes } from '../../lambdas/domain/window-times.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const shown = (at: number): string => new Date(at).toISOString().slice(0, 16);

const SUNDAYS: Period = { weekdays: ['sun'], start: '02:00', stop: '04:00' };
const OFFICE: Period = { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' };

const windowOf = (periods: Period[], more: Partial<WindowTimes> = {}): WindowTimes => ({
  name: 'patching',
  timeZone: 'Europe/Berlin',
  periods,
  closures: [],
  holidays: NO_HOLIDAYS,
  ...more,
});
const planOf = (periods: Period[], windowTimes: WindowTimes[], more: Partial<Plan> = {}): Plan => ({
  timeZone: 'Europe/Berlin',
  periods,
  closures: [],
  overrides: [],
  holidays: NO_HOLIDAYS,
  windowTimes,
  ...more,
});
const told = (plan: Plan, from: string, to: string): string[] =>
  plannedTimes(plan, utc(from), utc(to)).map(({ at, want, because }) => `${shown(at)} ${want} (${because})`);

describe('a schedule with a window', () => {
  it('is up in it too, and says why', () => {
    const plan = planOf([OFFICE], [windowOf([SUNDAYS])]);
    // 2026-11-27 is a Friday.
    expect(told(plan, '2026-11-27T12:00', '2026-11-30T12:00')).toEqual([
      '2026-11-27T17:00 down (period 1 (09:00 to 18:00) ends)',
      '2026-11-29T01:00 up (window patching begins)',
      '2026-11-29T03:00 down (window patching ends)',
      '2026-11-30T08:00 up (period 1 (09:00 to 18:00) begins)',
    ]);
    expect(plannedAt(plan, utc('2026-11-29T02:00'))).toMatchObject({ at: utc('2026-11-29T01:00'), want: 'up' });
    expect(plannedAt(plan, utc('2026-11-29T05:00'))).toMatchObject({ at: utc('2026-11-29T03:00'), want: 'down' });
    expect(nextPlanned(plan, utc('2026-11-28T12:00'))?.at).toBe(utc('2026-11-29T01:00'));
  });

  it('is stopped once, where both end at one time or follow each other', () => {
    const evening = windowOf([{ weekdays: ['fri'], start: '18:00', stop: '20:00' }]);
    const inside = windowOf([{ weekdays: ['fri'], start: '12:00', stop: '18:00' }]);
    const before = windowOf([{ weekdays: ['fri'], start: '07:00', stop: '09:00' }]);
    const times = (window: WindowTimes) => told(planOf([OFFICE], [window]), '2026-11-27T00:00', '2026-11-28T00:00');
    expect(times(evening)).toEqual([
      '2026-11-27T08:00 up (period 1 (09:00 to 18:00) begins)',
      '2026-11-27T19:00 down (window patching ends)',
    ]);
    expect(times(inside)).toEqual([
      '2026-11-27T08:00 up (period 1 (09:00 to 18:00) begins)',
      '2026-11-27T17:00 down (window patching ends)',
    ]);
    expect(times(before)).toEqual([
      '2026-11-27T06:00 up (window patching begins)',
      '2026-11-27T17:00 down (period 1 (09:00 to 18:00) ends)',
    ]);
    expect(plannedAt(planOf([OFFICE], [evening]), utc('2026-11-27T18:00'))?.because).toBe('window patching begins');
    expect(plannedAt(planOf([OFFICE], [inside]), utc('2026-11-27T12:00'))?.because).toContain('period 1');
  });

  it('is not stopped in the middle of it by a period that only stops, but at its end', () => {
    const nights: Period = { weekdays: ['sun'], stop: '03:00' };
    expect(told(planOf([nights], [windowOf([SUNDAYS])]), '2026-11-28T12:00', '2026-11-29T12:00')).toEqual([
      '2026-11-29T01:00 up (window patching begins)',
      '2026-11-29T03:00 down (window patching ends)',
    ]);
  });

  it('stays up behind it where a period that only starts has said so', () => {
    const weekends: Period = { weekdays: ['sat'], start: '10:00' };
    expect(told(planOf([weekends], [windowOf([SUNDAYS])]), '2026-11-28T00:00', '2026-11-30T00:00')).toEqual([
      '2026-11-28T09:00 up (period 1 (10:00 to no stop) starts)',
    ]);
  });

  it('obeys each window in its own zone, with its own closed days, and several that touch as one', () => {
    const holidays = (date: string) => (date === '2026-12-06' ? 'St Nicholas (feiertage)' : undefined);
    const windows = [
      windowOf([SUNDAYS], { timeZone: 'America/New_York', closures: [{ from: '2026-11-29' }] }),
      windowOf([SUNDAYS], { name: 'backups', holidays }),
      windowOf([{ weekdays: ['sun'], start: '04:00', stop: '05:00' }], { name: 'checks' }),
    ];
    const plan = planOf([OFFICE], windows, { closures: [{ from: '2026-11-30', note: 'bridge day' }] });
    expect(told(plan, '2026-11-28T00:00', '2026-12-06T12:00').filter((line) => line.includes('window'))).toEqual([
      '2026-11-29T01:00 up (window backups begins)',
      '2026-11-29T04:00 down (window checks ends)',
      '2026-12-06T03:00 up (window checks begins)',
      '2026-12-06T04:00 down (window checks ends)',
      '2026-12-06T07:00 up (window patching begins)',
      '2026-12-06T09:00 down (window patching ends)',
    ]);
    expect(closedDays(plan, utc('2026-11-28T00:00'), utc('2026-12-07T00:00'))).toEqual([
      { date: '2026-11-29', because: 'closed by the window, for window patching' },
      { date: '2026-11-30', because: 'bridge day' },
      { date: '2026-12-06', because: 'St Nicholas (feiertage), for window backups' },
    ]);
  });

  it('has an hour more or less of it where clocks change', () => {
    const plan = planOf([OFFICE], [windowOf([SUNDAYS])]);
    expect(told(plan, '2027-03-27T12:00', '2027-03-28T12:00')).toEqual([
      '2027-03-28T01:00 up (window patching begins)',
      '2027-03-28T02:00 down (window patching ends)',
    ]);
    expect(told(plan, '2026-10-24T12:00', '2026-10-25T12:00')).toEqual([
      '2026-10-25T00:00 up (window patching begins)',
      '2026-10-25T03:00 down (window patching ends)',
    ]);
  });

  it('is what an override says, and then up where a window is open', () => {
    const override = { want: 'down' as const, from: '2026-11-28T12:00:00.000Z', until: '2026-11-29T02:00:00.000Z' };
    const plan = planOf([OFFICE], [windowOf([SUNDAYS])], { overrides: [{ ...override, by: 'oidc:anna' }] });
    expect(told(plan, '2026-11-28T00:00', '2026-11-29T12:00')).toEqual([
      '2026-11-28T12:00 down (override by oidc:anna begins)',
      '2026-11-29T02:00 up (override by oidc:anna ends; window patching begins)',
      '2026-11-29T03:00 down (window patching ends)',
    ]);
  });

  it('finds a window of a date years ahead, and one that is always open', () => {
    const far = windowOf([{ dates: ['2029-02-28'], start: '02:00', stop: '04:00' }]);
    const never: Period = { dates: ['2020-01-01'], start: '09:00', stop: '18:00' };
    expect(nextPlanned(planOf([never], [far]), utc('2026-11-27T00:00'))?.at).toBe(utc('2029-02-28T01:00'));
    const always = windowOf([
      { monthDays: Array.from({ length: 31 }, (_, day) => day + 1), start: '00:00', stop: '24:00' },
    ]);
    expect(plannedAt(planOf([never], [always]), utc('2026-11-27T00:00'))?.want).toBe('up');
    expect(nextPlanned(planOf([never], [always]), utc('2026-11-27T00:00'))).toBeUndefined();
  });
});

const time = fc.constantFrom('00:00', '02:30', '09:00', '13:00', '18:00', '23:30');
/** Not all of a week: what is always up is looked for far back, and is a case of its own. */
const days = fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), {
  minLength: 1,
  maxLength: 4,
});
const bounded = fc
  .record({ weekdays: days, start: time, stop: fc.oneof(time, fc.constant('24:00')) })
  .filter(({ start, stop }) => start !== stop) as fc.Arbitrary<Period>;
const started = fc.record({ weekdays: days, start: time }) as fc.Arbitrary<Period>;
const stopped = fc.record({ weekdays: days, stop: time }) as fc.Arbitrary<Period>;
const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Apia', 'UTC');
const closures = fc.array(
  fc.integer({ min: 0, max: 20 }).map((day) => ({ from: new Date(daysLater(FROM, day)).toISOString().slice(0, 10) })),
  { maxLength: 3 },
);
const anyWindow = fc
  .record({ periods: fc.array(bounded, { minLength: 1, maxLength: 2 }), timeZone: zone, closures })
  .map(({ periods, ...more }) => windowOf(periods, more));
/** About the change of clocks in Berlin. */
const FROM = utc('2026-10-14T00:00');
const anyPlan = fc
  .record({
    periods: fc.array(fc.oneof(bounded, started, stopped), { minLength: 1, maxLength: 3 }),
    windows: fc.array(anyWindow, { maxLength: 3 }),
    timeZone: zone,
    closures,
  })
  .map(({ periods, windows, ...more }) => planOf(periods, windows, more));

const wantAt = (times: readonly PlannedTime[], at: number): string | undefined =>
  times.findLast((each) => each.at <= at)?.want;

describe('any schedule with windows', () => {
  it('is up exactly where its own periods or one of its windows are', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 0, max: 20 * 48 }), (plan, half) => {
        const at = FROM + half * 1_800_000;
        const own = plannedAt({ ...plan, windowTimes: [] }, at)?.want === 'up';
        const isOpen = plan.windowTimes.some((window) => openAt([window], at) !== undefined);
        expect(plannedAt(plan, at)?.want === 'up').toBe(own || isOpen);
      }),
      { numRuns: 300 },
    );
  });

  it('acts so that its times come to what is wanted, and asks for nothing twice', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(fc.nat(13 * 48), { minLength: 4, maxLength: 4 }), (plan, halves) => {
        const times = plannedTimes(plan, FROM, daysLater(FROM, 13));
        for (const half of halves) {
          const at = FROM + half * 1_800_000;
          const want = wantAt(times, at) ?? plannedAt(plan, FROM)?.want;
          expect([shown(at), want]).toEqual([shown(at), plannedAt(plan, at)?.want]);
        }
        for (const each of times.filter(({ because }) => because.startsWith('window')).slice(0, 4)) {
          expect([shown(each.at), plannedAt(plan, each.at - 1)?.want]).not.toEqual([shown(each.at), each.want]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has no time before its next one', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 0, max: 20 }), (plan, day) => {
        const at = daysLater(FROM, day);
        const next = nextPlanned(plan, at);
        expect(plannedTimes(plan, at, (next?.at ?? daysLater(at, 20)) - 1)).toEqual([]);
        if (next) expect(plannedTimes(plan, at, next.at).at(-1)?.at).toBe(next.at);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the openings of a window', () => {
  const spoken = (window: WindowTimes, at: string) => {
    const { now, next } = openingsOf(window, utc(at), 3);
    return { now, next: next.map(({ from, until }) => `${shown(from)} ${shown(until).slice(11)}`) };
  };

  it('are the next ones, beside the one that is open', () => {
    const window = windowOf([SUNDAYS], { closures: [{ from: '2026-12-06' }] });
    expect(spoken(window, '2026-11-27T00:00')).toEqual({
      next: ['2026-11-29T01:00 03:00', '2026-12-13T01:00 03:00', '2026-12-20T01:00 03:00'],
    });
    expect(spoken(window, '2026-11-29T01:00')).toEqual({
      now: { until: utc('2026-11-29T03:00') },
      next: ['2026-12-13T01:00 03:00', '2026-12-20T01:00 03:00', '2026-12-27T01:00 03:00'],
    });
    expect(spoken(window, '2026-11-29T03:00').now).toBeUndefined();
  });

  it('are few where few are left, on dates however far they lie', () => {
    const dates = windowOf([{ dates: ['2026-11-29', '2031-05-01'], start: '22:00', stop: '02:00' }]);
    expect(spoken(dates, '2026-11-27T00:00').next).toEqual(['2026-11-29T21:00 01:00', '2031-05-01T20:00 00:00']);
    expect(spoken(dates, '2032-01-01T00:00')).toEqual({ next: [] });
  });

  it('have no end where it is always open', () => {
    const always = windowOf([
      { monthDays: Array.from({ length: 31 }, (_, day) => day + 1), start: '00:00', stop: '24:00' },
    ]);
    expect(spoken(always, '2026-11-29T03:00')).toEqual({ now: {}, next: [] });
  });

  it('of several windows are told in their order, those that are open first', () => {
    const windows = [
      windowOf([SUNDAYS]),
      windowOf([{ weekdays: ['sat', 'sun'], start: '03:00', stop: '05:00' }], { name: 'checks' }),
    ];
    expect(
      comingOpenings(windows, utc('2026-11-29T02:30'), 2).map(({ window, from }) => `${shown(from)} ${window.name}`),
    ).toEqual([
      '2026-11-29T01:00 patching',
      '2026-11-29T02:00 checks',
      '2026-12-05T02:00 checks',
      '2026-12-06T01:00 patching',
    ]);
  });
});
