import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { isWithin, type TimeInterval } from '../../../lambdas/domain/alerts/time-intervals.ts';

const interval = (yaml: string): readonly TimeInterval[] =>
  readConfig(`
route: {receiver: r}
receivers: [{name: r}]
time_intervals:
  - name: t
    time_intervals: [${yaml}]`).time_intervals[0]?.time_intervals ?? [];

describe('a moment is within a time interval', () => {
  it.each<[string, string, boolean]>([
    ['{}', '2026-11-27T10:00Z', true],
    ['', '2026-11-27T10:00Z', false],
    ['{times: [{start_time: 09:00, end_time: 17:00}]}', '2026-11-27T09:00Z', true],
    ['{times: [{start_time: 09:00, end_time: 17:00}]}', '2026-11-27T16:59:59Z', true],
    ['{times: [{start_time: 09:00, end_time: 17:00}]}', '2026-11-27T17:00Z', false],
    [
      '{times: [{start_time: 22:00, end_time: 24:00}, {start_time: 00:00, end_time: 06:00}]}',
      '2026-11-27T23:59Z',
      true,
    ],
    ['{times: []}', '2026-11-27T10:00Z', false],
    ['{times: }', '2026-11-27T10:00Z', true],
    ['{weekdays: ["monday:friday"]}', '2026-11-27T10:00Z', true],
    ['{weekdays: ["Monday:Friday"]}', '2026-11-28T10:00Z', false],
    ['{weekdays: [saturday, sunday]}', '2026-11-29T10:00Z', true],
    ['{weekdays: ["sunday:tuesday"]}', '2026-11-29T10:00Z', true],
    ['{days_of_month: ["1:5", "-3:-1"]}', '2026-11-27T10:00Z', false],
    ['{days_of_month: ["1:5", "-3:-1"]}', '2026-11-28T10:00Z', true],
    ['{days_of_month: ["1:-1"]}', '2028-02-29T10:00Z', true],
    ['{days_of_month: [31]}', '2026-11-30T10:00Z', false],
    ['{days_of_month: ["-31:-30"]}', '2026-11-01T10:00Z', true],
    ['{days_of_month: [29:31]}', '2026-02-28T10:00Z', false],
    ['{months: ["january:march", 11]}', '2026-11-27T10:00Z', true],
    ['{months: [may:june]}', '2026-11-27T10:00Z', false],
    ['{months: [13]}', '2026-11-27T10:00Z', false],
    ['{years: ["2025:2026"]}', '2026-11-27T10:00Z', true],
    ['{years: [2027]}', '2026-11-27T10:00Z', false],
    ['{weekdays: [friday], months: [12]}', '2026-11-27T10:00Z', false],
    ['{weekdays: [saturday]}, {months: [november]}', '2026-11-27T10:00Z', true],
    ['{times: [{start_time: 09:00, end_time: 10:00}], location: Europe/Berlin}', '2026-07-01T07:30Z', true],
    ['{times: [{start_time: 09:00, end_time: 10:00}], location: Europe/Berlin}', '2026-12-01T07:30Z', false],
    ['{times: [{start_time: 09:00, end_time: 10:00}], location: Local}', '2026-12-01T09:30Z', true],
    ['{weekdays: [saturday], location: Australia/Sydney}', '2026-11-27T14:00Z', true],
    ['{years: [2027], location: Asia/Tokyo}', '2026-12-31T16:00Z', true],
    // Its last day is the 31st, though its clocks were put forward.
    ['{days_of_month: [-1], location: Europe/Berlin}', '2026-03-31T10:00Z', true],
  ])('%s at %s: %s', (yaml, at, expected) => expect(isWithin(interval(yaml), Date.parse(at))).toBe(expected));

  it('once a day, whatever the clocks do', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minute, minute, fc.integer({ min: 0, max: 730 * 24 * 60 }), (a, b, minutes) => {
        const [begin, end] = [Math.min(a, b), Math.max(a, b) + 1];
        const at = Date.UTC(2026, 0, 1) + minutes * 60_000;
        const inBerlin = new Intl.DateTimeFormat('en-GB', {
          timeZone: 'Europe/Berlin',
          hour: '2-digit',
          minute: '2-digit',
        });
        const [hour = 0, past = 0] = inBerlin.format(at).split(':').map(Number);
        const shown = hour * 60 + past;
        const within = isWithin([{ times: [{ begin, end }], location: 'Europe/Berlin' }], at);
        expect(within).toBe(shown >= begin && shown < end);
      }),
    );
  });
});

describe('a time interval is refused', () => {
  it.each([
    ['{times: [{start_time: "09:00"}]}', /both start and end times must be provided/],
    ['{times: [{start_time: "9:00", end_time: "10:00"}]}', /couldn't parse timestamp 9:00/],
    ['{times: [{start_time: "10:00", end_time: "24:01"}]}', /couldn't parse timestamp 24:01/],
    ['{times: [{start_time: "10:00", end_time: "10:00"}]}', /start time cannot be equal or greater/],
    ['{times: ["10:00"]}', /times\[0\]: a map is wanted here/],
    ['{times: [{start: "10:00"}]}', /times\[0\].start: there is no such field/],
    ['{weekdays: [mon]}', /mon is not a valid weekday/],
    ['{weekdays: ["friday:monday"]}', /end day is before start day/],
    ['{weekdays: ["a:b:c"]}', /couldn't parse range a:b:c/],
    ['{weekdays: friday}', /weekdays: a list is wanted here/],
    ['{days_of_month: [0]}', /0 is not a valid day of the month: out of range/],
    ['{days_of_month: ["1:32"]}', /32 is not a valid day/],
    ['{days_of_month: ["-5:5"]}', /must be negative/],
    ['{days_of_month: ["31:-31"]}', /end day -31 is always before start day 31/],
    ['{days_of_month: [first]}', /first is not a valid day of the month/],
    ['{months: [juny]}', /juny is not a valid month/],
    ['{months: ["may:april"]}', /end month is before start month/],
    ['{years: ["2027:2026"]}', /end year is before start year/],
    ['{location: Mars/Olympus}', /unknown time zone Mars\/Olympus/],
  ])('%s', (yaml, words) => expect(() => interval(yaml)).toThrow(words));
});
