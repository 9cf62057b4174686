import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { importTable } from '../../cli/import/instance-scheduler/convert.ts';
import { recurrenceOf } from '../../cli/import/instance-scheduler/recurrence.ts';
import { stateAt } from '../../cli/import/instance-scheduler/states.ts';
import { readTable } from '../../cli/import/instance-scheduler/table.ts';
import { daysFrom, instantOf } from '../../lambdas/domain/civil-time.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { plannedTimes } from '../../lambdas/domain/planned-times.ts';
import { ScheduleSpec } from '../../lambdas/domain/schedule.ts';
import { type } from './typed.ts';

const [FROM, TO] = ['2027-01-02T00:00Z', '2027-12-30T00:00Z'].map((each) => Date.parse(each)) as [number, number];
const NOW = Date.parse('2026-12-31T12:00Z');
const TABLE = join(import.meta.dirname, 'instance-scheduler', 'table.json');
const read = (file: string): string => readFileSync(file, 'utf8');
const imported = (text: string, interval = 5) =>
  importTable(readTable([{ file: 'table', text }]), { tagKey: 'Schedule', zone: 'UTC', interval, now: NOW });
const timesOf = (schedule: object) =>
  plannedTimes(
    { ...ScheduleSpec.parse(schedule), overrides: [], holidays: NO_HOLIDAYS, windowTimes: [] },
    FROM,
    TO,
  ).map(({ at, want }) => `${new Date(at).toISOString().slice(0, 16)}Z ${want}`);

describe('the documented schedules of Instance Scheduler', () => {
  const Actions = z.object({
    schedules: z.record(z.string(), z.object({ first: z.array(z.string()), count: z.number(), sha256: z.string() })),
  });
  const { schedules } = Actions.parse(
    JSON.parse(read(join(import.meta.dirname, 'instance-scheduler', 'actions.json'))),
  );
  const table = imported(read(TABLE));
  const CONSTANT = ['running', 'stopped', 'scale-up-down'];

  it.each(Object.entries(schedules).filter(([name]) => !CONSTANT.includes(name)))(
    '%s starts and stops when it does there, all through 2027',
    (name, { first, count, sha256 }) => {
      const found = table.schedules.find(({ targets }) => targets.filter === `tag:Schedule=${name}`);
      const times = found ? timesOf(found) : [];
      expect(times.slice(0, 4)).toEqual(first);
      expect(times).toHaveLength(count);
      expect(createHash('sha256').update(times.join('\n')).digest('hex')).toBe(sha256);
    },
  );

  it.each([
    ['running', { start: '00:00' }],
    ['stopped', { stop: '00:00' }],
    ['scale-up-down', { start: '00:00' }],
  ])('%s, which wants one thing for ever, is put in place each midnight, and that is told', (name, times) => {
    const found = table.schedules.find((each) => each.name === name);
    expect(found?.periods).toEqual([expect.objectContaining(times)]);
    expect(schedules[name]?.count).toBe(0);
    expect(table.differences).toContainEqual(
      expect.objectContaining({
        schedule: name,
        setting: 'periods',
        there: expect.stringContaining('at every moment'),
      }),
    );
  });
});

describe('any periods of Instance Scheduler', () => {
  const two = (n: number): string => String(n).padStart(2, '0');
  /** The minutes of the day at which the model below looks, so that nothing lies between. */
  const GRID = 15;
  const grid = fc.nat(95).map((n) => n * GRID);
  const time = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

  interface Any {
    readonly begin?: number;
    readonly end?: number;
    readonly weekdays?: readonly number[];
    readonly monthDays?: readonly number[];
    readonly months?: readonly number[];
  }
  const period: fc.Arbitrary<Any> = fc
    .record(
      {
        begin: grid,
        end: grid,
        weekdays: fc.uniqueArray(fc.nat(6), { minLength: 1 }),
        monthDays: fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 6 }),
        months: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      },
      { requiredKeys: [] },
    )
    .filter((each) => Object.keys(each).length > 0 && (each.begin ?? 0) <= (each.end ?? 1440));

  const item = (each: Any, index: number) => ({
    type: { S: 'period' },
    name: { S: `p${index}` },
    ...(each.begin === undefined ? {} : { begintime: { S: time(each.begin) } }),
    ...(each.end === undefined ? {} : { endtime: { S: time(each.end) } }),
    ...(each.weekdays ? { weekdays: { SS: each.weekdays.map((day) => DAYS[day]) } } : {}),
    ...(each.monthDays ? { monthdays: { S: each.monthDays.join(',') } } : {}),
    ...(each.months ? { months: { SS: each.months.map(String) } } : {}),
  });

  type State = 'running' | 'any' | 'stopped';
  const stateOf = ({ begin, end, weekdays, monthDays, months }: Any, date: Date): State => {
    const isOn =
      (weekdays?.includes((date.getUTCDay() + 6) % 7) ?? true) &&
      (monthDays?.includes(date.getUTCDate()) ?? true) &&
      (months?.includes(date.getUTCMonth() + 1) ?? true);
    const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
    if (!isOn) return 'stopped';
    if (begin !== undefined && end !== undefined) return begin <= minute && minute < end ? 'running' : 'stopped';
    if (end !== undefined) return minute >= end ? 'stopped' : 'any';
    return minute >= (begin ?? 0) ? 'running' : 'any';
  };
  const wanted = (periods: readonly Any[], date: Date): State => {
    const states = periods.map((each) => stateOf(each, date));
    return states.find((state) => state === 'running') ?? states.find((state) => state === 'any') ?? 'stopped';
  };
  /** What it does, told minute by minute from its documentation: it acts where it wants another thing than a moment before. */
  const doneBy = (periods: readonly Any[]): string[] => {
    const done: string[] = [];
    let last = wanted(periods, new Date(FROM));
    for (let at = FROM + GRID * 60_000; at <= TO; at += GRID * 60_000) {
      const date = new Date(at);
      const now = wanted(periods, date);
      if (now !== last && now !== 'any')
        done.push(`${date.toISOString().slice(0, 16)}Z ${now === 'running' ? 'up' : 'down'}`);
      last = now;
    }
    return done;
  };

  it('start and stop VMs here when they do there', () => {
    fc.assert(
      fc.property(fc.array(period, { minLength: 1, maxLength: 3 }), (periods) => {
        const names = periods.map((_, index) => `p${index}`);
        const schedule = { type: { S: 'schedule' }, name: { S: 'any' }, periods: { SS: names } };
        const { schedules, differences } = imported(JSON.stringify({ Items: [...periods.map(item), schedule] }));
        const constant = differences.some(({ there }) => there.includes('at every moment'));
        const done = doneBy(periods);
        if (constant) expect(done).toEqual([]);
        else expect(schedules[0] && timesOf(schedules[0])).toEqual(done);
      }),
      { numRuns: 40 },
    );
  });

  it('are read as there where they are written otherwise', () => {
    const days = (weekdays: string, monthdays = '*', months = '?') => {
      const items = [
        { type: 'period', name: 'p', weekdays, monthdays, months, begintime: '9:00', endtime: '17:00' },
        { type: 'schedule', name: 's', periods: ['p'] },
      ];
      return imported(JSON.stringify({ schedules: [items[1]], periods: [items[0]] }));
    };
    const periods = (...words: [string, string?, string?]) =>
      days(...words).schedules[0]?.periods.map(({ start: _, stop: __, ...which }) => which);
    expect(periods('Fri - MONDAY')).toEqual([{ weekdays: ['mon', 'fri', 'sat', 'sun'] }]);
    expect(periods('0,L')).toEqual([{ weekdays: ['mon', 'sun'] }]);
    expect(periods('mon/2')).toEqual([{ weekdays: ['mon', 'wed', 'fri', 'sun'] }]);
    expect(periods('fri-tue/2')).toEqual([{ weekdays: ['tue', 'fri', 'sun'] }]);
    expect(periods('mon#2,friL,sat')).toEqual([
      { weekdays: ['sat'] },
      {
        nthWeekdays: [
          { nth: 2, weekday: 'mon' },
          { nth: -1, weekday: 'fri' },
        ],
      },
    ]);
    expect(periods('*', '1-5/2, L', 'nov-feb')).toEqual([{ monthDays: [1, 3, 5, -1], months: [1, 2, 11, 12] }]);
    // Of two digits of a step it reads the last.
    expect(periods('*', '1-31/15')).toEqual([{ monthDays: [1, 6, 11, 16, 21, 26, 31] }]);
    for (const wrong of ['moon', 'mon#6', '7', 'mon-L', 'L-3', '*/2', '15W', 'mon/0', '']) {
      expect(
        days(wrong).differences.filter(({ leftOut }) => leftOut),
        wrong,
      ).toHaveLength(wrong === '' ? 0 : 1);
    }
    for (const wrong of ['32', '9-3', 'mon#1', '5L', '0']) expect(days('*', wrong).schedules, wrong).toEqual([]);
    for (const wrong of ['13', 'L', '1-L', 'foo']) expect(days('*', '*', wrong).schedules, wrong).toEqual([]);
  });

  it('run through a minute between two of them, over midnight too, and not where there is one alone', () => {
    const [wed, thu, fri, sat, sun] = [...daysFrom('UTC', Date.parse('2027-01-06'), Date.parse('2027-01-10'))];
    if (!wed || !thu || !fri || !sat || !sun) throw new Error('five days');
    const until = { on: recurrenceOf({ weekdays: ['fri'] }), begin: 360, end: 1439 };
    const from = { on: recurrenceOf({ weekdays: ['sat'] }), begin: 1, end: 600 };
    const allDay = { on: recurrenceOf({ weekdays: ['fri'] }) };
    expect(stateAt([until, { ...from, begin: 0 }], [thu, fri, sat], 1439)).toBe('running');
    expect(stateAt([until, from], [thu, fri, sat], 1439)).toBe('stopped');
    expect(stateAt([until], [thu, fri, sat], 1439)).toBe('stopped');
    expect(stateAt([allDay, from], [fri, sat, sun], 0)).toBe('running');
    expect(stateAt([allDay, from], [wed, thu, fri], 0)).toBe('stopped');
  });

  it('tell where a clock that is put forward or back takes them', () => {
    const zone = 'Europe/Berlin';
    const text = JSON.stringify({
      Items: [
        { type: { S: 'period' }, name: { S: 'p' }, begintime: { S: '02:30' }, endtime: { S: '05:00' } },
        { type: { S: 'schedule' }, name: { S: 's' }, periods: { S: 'p' }, timezone: { S: zone } },
      ],
    });
    const [schedule] = imported(text).schedules;
    const at = new Date(instantOf(zone, '2027-03-28', '03:00', 'earlier')).toISOString().slice(0, 16);
    expect(schedule && timesOf(schedule)).toContain(`${at}Z up`);
  });
});

describe('novacron schedule import instance-scheduler', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'novacron-import-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const typed = (...words: string[]) => type(['schedule', 'import', 'instance-scheduler', ...words]);

  it('prints the file, and beside it what is otherwise; no plane is needed', async () => {
    const { code, out, err } = await typed('--config', TABLE);
    // One schedule cannot be made.
    expect(code).toBe(1);
    const { schedules } = parse(out);
    expect(schedules.find((each: { name: string }) => each.name === 'uk-office-hours')).toEqual({
      name: 'uk-office-hours',
      description: 'Office hours in UK',
      targets: { filter: 'tag:Plan=uk-office-hours' },
      timeZone: 'Europe/London',
      periods: ['mon-fri 09:00-17:00'],
    });
    expect(err).toMatch(
      /^no-such-period\n {2}schedule\n {4}there {2}there is no period nowhere\n {4}here {3}it is not in the file$/m,
    );
    expect(err).toMatch(/^my-renamed-sample-schedule\n {2}enforced=true\n/m);
    expect(err).toContain('novacron schedule plan -f FILE');
  });

  it('tells each setting that has no equal, with its schedule', async () => {
    const { out } = await typed('--config', TABLE, '-o', 'json', '--tag-key', 'Schedule');
    const { differences, schedules } = JSON.parse(out);
    const told = (name: string) =>
      differences
        .filter((each: { schedule: string }) => each.schedule === name)
        .map((each: { setting: string }) => each.setting);
    expect(told('my-renamed-sample-schedule')).toEqual([
      ...['enforced', 'retain_running', 'hibernate', 'stop_new_instances', 'ssm_maintenance_window'],
      ...['periods', 'periods', 'configured_in_stack'],
    ]);
    expect(told('seattle-office-hours')).toEqual([]);
    expect(told('start_only')).toEqual(['name']);
    expect(told('running')).toEqual(['timezone', 'periods']);
    expect(told('payday')).toEqual(['periods']);
    expect(told('over-midnight')).toEqual(['periods']);
    expect(told('*')).toEqual(['interval', 'resources', 'stop_new_instances', 'periods']);
    expect(schedules.find((each: { name: string }) => each.name === 'running').timeZone).toBe('Europe/Berlin');
    const keeping = schedules.filter(({ stopMode }: { stopMode?: string }) => stopMode === 'hibernate');
    expect(keeping.map(({ name }: { name: string }) => name)).toEqual(['my-renamed-sample-schedule']);
    expect(schedules.find((each: { name: string }) => each.name === 'start-only').targets).toEqual({
      filter: 'tag:Schedule=start_only',
    });
  });

  it('writes the file where it is wanted', async () => {
    const file = join(folder, 'schedules.yaml');
    const { out, err } = await typed('--config', TABLE, '-f', file, '--zone', 'UTC');
    expect(out).toBe('');
    expect(err).toContain(`novacron schedule plan -f ${file}`);
    expect(parse(read(file)).schedules).toHaveLength(17);
  });

  it.each([
    ['no JSON', '{', 'cannot be read'],
    ['another JSON', '{"Table": {}}', 'aws dynamodb scan'],
    ['a part of a scan', '{"Items": [], "NextToken": "x"}', 'whole'],
    [
      'an item that is none',
      '{"Items": [{"type": {"S": "schedule"}, "name": {"S": "a"}, "enforced": {"S": "maybe"}}]}',
      'enforced',
    ],
  ])('refuses %s as wrong use', async (_, text, why) => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, text);
    const { code, err } = await typed('--config', file);
    expect(code).toBe(2);
    expect(err).toContain(why);
  });
});
