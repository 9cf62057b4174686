import * as fc from 'fast-check';
import { ScheduleSpec } from '../../lambdas/domain/schedule.ts';

/** Schedules of every kind that the API takes. */

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const two = (n: number): string => String(n).padStart(2, '0');

export const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
export const date = fc
  .tuple(fc.integer({ min: 2026, max: 2030 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${year}-${two(month)}-${two(day)}`);
const monthDay = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -31, max: -1 }));
export const some = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: 7 });

export const days = fc.oneof(
  fc.record({ weekdays: some(fc.constantFrom(...DAYS)) }),
  fc.record({
    nthWeekdays: some(fc.record({ nth: fc.constantFrom(1, 2, 3, 4, 5, -1), weekday: fc.constantFrom(...DAYS) })),
  }),
  fc.record({ monthDays: some(monthDay) }),
  fc.record({ dates: some(date) }),
);
const times = fc.oneof(
  fc.record({ start: time, stop: fc.oneof(time, fc.constant('24:00')) }),
  fc.record({ start: time }),
  fc.record({ stop: time }),
);
const months = fc.oneof(fc.constant({}), fc.record({ months: some(fc.integer({ min: 1, max: 12 })) }));
const period = fc.tuple(days, months, times).map((parts) => Object.assign({}, ...parts));

/** What YAML could take for something else is among it. */
export const text = fc.oneof(
  fc.constantFrom(
    'on',
    'no',
    '~',
    '1e3',
    '- a',
    'a: b',
    '#c',
    '"',
    "'",
    '*x',
    '&y',
    '!z',
    '{',
    '| ',
    '2026-12-24',
    '09:00',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
);
export const stretch = fc.record({ from: date, to: date, note: text }, { requiredKeys: ['from'] });
export const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

/** `vms` are ids of VMs, known or not. */
export const targets = (vms: readonly string[]) =>
  fc.oneof(
    fc.record({ vms: some(fc.constantFrom(...vms)) }),
    fc.record({ filter: text }),
    fc.record({ vms: some(fc.constantFrom(...vms)), filter: text }),
  );

/** Any schedule that the API would take. */
export const anySchedule = (vms: readonly string[]): fc.Arbitrary<ScheduleSpec> =>
  fc
    .record(
      {
        name,
        description: text,
        targets: targets(vms),
        timeZone: fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Etc/GMT+3'),
        periods: some(period),
        calendars: fc.array(fc.constantFrom('cal-0123456789abcdef', 'cal-0123456789abcdeg'), { maxLength: 2 }),
        windows: fc.array(fc.constantFrom('win-0123456789abcdef', 'win-0123456789abcdeg'), { maxLength: 2 }),
        closures: fc.array(stretch, { maxLength: 4 }),
        missed: fc.constantFrom('late', 'skip', 'if-still-inside'),
        priority: fc.integer({ min: -1000, max: 1000 }),
        graceMinutes: fc.integer({ min: 1, max: 240 }),
        enabled: fc.boolean(),
        stopMode: fc.constantFrom('stop', 'hibernate', 'save'),
      },
      { requiredKeys: ['name', 'targets', 'timeZone', 'periods'] },
    )
    .map((fields) => ScheduleSpec.safeParse(fields))
    .filter(({ success }) => success)
    .map(({ data }) => ScheduleSpec.parse(data));
