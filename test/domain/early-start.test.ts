import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutesEarly, startsWith, tookSeconds } from '../../lambdas/domain/early-start.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { type Plan, plannedAt, plannedTimes } from '../../lambdas/domain/planned-times.ts';
import type { LastRun, Schedule } from '../../lambdas/domain/schedule.ts';
import { checkDue, dueTime, lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { newSchedule, newVm } from '../support/api.ts';

const MINUTE = 60_000;

describe('how much earlier a start is begun', () => {
  it.each<[string, Pick<Schedule, 'early' | 'starts'>, number]>([
    ['not at all unless it is asked for', { starts: [120] }, 0],
    ['not at all before anything is learned', { early: 'learned' }, 0],
    ['as many minutes as are asked for', { early: 7, starts: [900] }, 7],
    ['as the last start took, and the minute of the timer', { early: 'learned', starts: [100] }, 3],
    ['as nine of ten took', { early: 'learned', starts: [1, 2, 3, 4, 5, 6, 7, 8, 60, 3_000] }, 2],
    ['an hour at most', { early: 'learned', starts: [3_600] }, 60],
    ['not at all once it is turned off', { early: 'off', starts: [100] }, 0],
  ])('%s', (_, schedule, minutes) => {
    expect(minutesEarly(schedule)).toBe(minutes);
  });
});

describe('what a start took', () => {
  const at = (seconds: number) => new Date(Date.parse('2026-10-19T07:00:00.000Z') + seconds * 1_000).toISOString();
  const run: LastRun = {
    ...{ plannedAt: at(0), ranAt: at(20), want: 'up', because: 'x', vms: 3, begun: 2, skipped: false, owed: [] },
  };
  const ready = (seconds: number) =>
    newVm({ state: 'running', ready: { status: 'true', reason: 'r', message: 'm', at: at(seconds) } });
  const now = Date.parse(at(600));

  it('is until the last of its VMs was ready; one that was up before has no part in it', () => {
    expect(tookSeconds(run, [ready(-5_000), ready(80), ready(65)], now)).toBe(60);
    expect(tookSeconds(run, [ready(-5_000)], now)).toBeUndefined();
  });

  it('is until now for one that is still on its way, and nothing of one that failed', () => {
    const lock = { operationId: 'op-1', reason: 'start-vm', by: 'x', since: at(20), expiresAt: at(9_000) } as const;
    expect(tookSeconds(run, [ready(80), newVm({ state: 'pending', lock })], now)).toBe(580);
    expect(tookSeconds(run, [ready(80), newVm({ state: 'stopped' })], now)).toBe(60);
  });

  it('is nothing of a stop, nor of a run that had nothing to start', () => {
    expect(tookSeconds({ ...run, want: 'down' }, [ready(80)], now)).toBeUndefined();
    expect(tookSeconds({ ...run, begun: 0 }, [ready(80)], now)).toBeUndefined();
  });

  it('is remembered of the last twenty, and not where a clock is off', () => {
    const all = Array.from({ length: 30 }, (_, index) => index + 1).reduce<number[]>(startsWith, []);
    expect(all).toEqual(Array.from({ length: 20 }, (_, index) => index + 11));
    expect(startsWith([5], 86_400)).toEqual([5]);
  });
});

type Planned = Schedule & Plan;

/** A tick of the timer, as the runtime does it. */
const tick = (schedule: Planned, now: number): { schedule: Planned; ran: LastRun | undefined } => {
  const due = dueTime(schedule, now);
  const ranAt = new Date(now).toISOString();
  const ran = due && {
    ...{ plannedAt: new Date(due.time.at).toISOString(), ranAt, want: due.time.want, because: due.time.because },
    ...{ vms: 0, begun: 0, skipped: due.skipped, owed: [] },
  };
  const lastRun = ran ?? schedule.lastRun;
  const check = lastRun && checkDue({ ...schedule, lastRun });
  const looked = check !== undefined && check <= now ? { checkedAt: ranAt } : {};
  const after = { ...schedule, ranThrough: ranAt, ...(lastRun ? { lastRun: { ...lastRun, ...looked } } : {}) };
  return {
    schedule: { ...lookedAtNext(after, now), holidays: schedule.holidays, windowTimes: schedule.windowTimes },
    ran,
  };
};

describe('an early start', () => {
  const OFFICE: Planned = {
    ...newSchedule({
      timeZone: 'Europe/Berlin',
      periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' }],
      ranThrough: '2026-10-18T00:00:00.000Z',
      early: 5,
    }),
    holidays: NO_HOLIDAYS,
    windowTimes: [],
  };
  const looks = (schedule: Planned, until: string): string[] => {
    const did: string[] = [];
    let at = lookedAtNext(schedule, Date.parse(schedule.ranThrough));
    while (at.nextAt !== undefined && at.nextAt <= until) {
      const { schedule: next, ran } = tick(
        { ...at, holidays: schedule.holidays, windowTimes: schedule.windowTimes },
        Date.parse(at.nextAt),
      );
      if (ran && ran !== at.lastRun)
        did.push(`${ran.ranAt.slice(5, 16)} ${ran.want} for ${ran.plannedAt.slice(11, 16)}`);
      at = next;
    }
    return did;
  };

  it('is begun so long before its time, and not again at it; a stop is begun at its time', () => {
    expect(looks(OFFICE, '2026-10-20T23:00')).toEqual([
      '10-19T06:55 up for 07:00',
      '10-19T16:00 down for 16:00',
      '10-20T06:55 up for 07:00',
      '10-20T16:00 down for 16:00',
    ]);
  });

  it('is not begun before what comes before it', () => {
    const periods: Schedule['periods'] = [
      { weekdays: ['mon'], start: '09:00', stop: '12:00' },
      { weekdays: ['mon'], start: '12:02', stop: '18:00' },
    ];
    expect(looks({ ...OFFICE, periods }, '2026-10-19T23:00')).toEqual([
      '10-19T06:55 up for 07:00',
      '10-19T10:00 up for 10:02',
      '10-19T16:00 down for 16:00',
    ]);
  });

  it('is looked at once its grace is over, counted from its time', () => {
    const { schedule } = tick(OFFICE, Date.parse('2026-10-19T06:55:00.000Z'));
    expect(schedule.nextAt).toBe('2026-10-19T07:10:00.000Z');
  });

  it('is never left out, never begun twice and never after its time, whatever is learned between the ticks', () => {
    const day = fc.record({ start: fc.integer({ min: 0, max: 23 * 60 }), minutes: fc.integer({ min: 1, max: 400 }) });
    const clock = (minutes: number) =>
      `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const stories = fc.record({
      days: fc.array(day, { minLength: 1, maxLength: 3 }),
      leads: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
      waits: fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(stories, ({ days, leads, waits }) => {
        const periods = days.map(({ start, minutes }) => ({
          ...{ weekdays: ['mon', 'tue'] as Schedule['periods'][number]['weekdays'] },
          ...{ start: clock(start), stop: clock(start + minutes) },
        }));
        let schedule: Planned = { ...OFFICE, periods };
        const [from, to] = [Date.parse('2026-10-18T21:00:00.000Z'), Date.parse('2026-10-19T23:00:00.000Z')];
        schedule = { ...schedule, ranThrough: new Date(from).toISOString() };
        const ran: LastRun[] = [];
        let ticks = 0;
        // The timer comes within a minute of what the row says.
        const next = (now: number) =>
          Math.max(now, Date.parse(schedule.nextAt ?? '2999-01-01')) + (waits[ticks % waits.length] ?? 0) * 1_000 + 1;
        for (let now = from; now <= to; now = next(now)) {
          ticks += 1;
          const went = tick({ ...schedule, early: leads[ticks % leads.length] ?? 1 }, now);
          if (went.ran) ran.push(went.ran);
          schedule = went.schedule;
          const wanted = plannedAt(schedule, now)?.want;
          const ahead = schedule.lastRun && Date.parse(schedule.lastRun.plannedAt) > now;
          if (ran.length > 0 && !ahead) expect(schedule.lastRun?.want).toBe(wanted);
        }
        const keys = ran.map(({ plannedAt: at, want }) => `${at} ${want}`);
        expect(new Set(keys).size).toBe(keys.length);
        // A start behind the end of the story may be begun within it.
        const times = plannedTimes(schedule, from, to + 61 * MINUTE);
        for (const { at, want } of times.filter((each) => each.at <= to - 61_000)) {
          const own = ran.find((run) => Date.parse(run.plannedAt) === at && run.want === want);
          // What lies within a minute of another, or of a start that is begun early, may be overtaken by it.
          const reach = ({ want: next }: { want: string }) => (next === 'up' ? 61 * MINUTE : MINUTE);
          if (times.some((each) => each.at > at && each.at - at <= reach(each))) continue;
          expect(own, new Date(at).toISOString()).toBeDefined();
          const late = Date.parse(own?.ranAt ?? '') - at;
          expect(late).toBeLessThanOrEqual(MINUTE);
          if (want === 'down') expect(late).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});
