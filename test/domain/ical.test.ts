import { describe, expect, it } from 'vitest';
import { daysOfFeed, MOST_EVENTS } from '../../lambdas/domain/ical.ts';
import { ical } from '../support/ical.ts';

const WINDOW = ['2026-01-01', '2028-12-31'] as const;
const read = (lines: readonly string[], ...head: string[]) => daysOfFeed(ical([['UID:1', ...lines]], ...head), WINDOW);
const daysOf = (lines: readonly string[], ...head: string[]) => read(lines, ...head).days;

describe('an event closes', () => {
  it.each<[string, string[], string[]]>([
    [
      'its day',
      ['DTSTART;VALUE=DATE:20261003', 'SUMMARY:Tag der Deutschen Einheit'],
      ['2026-10-03 Tag der Deutschen Einheit'],
    ],
    [
      'each day but its end',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261226'],
      ['2026-12-24', '2026-12-25'],
    ],
    ['the days that it lasts', ['DTSTART;VALUE=DATE:20261224', 'DURATION:P2D'], ['2026-12-24', '2026-12-25']],
    [
      'its day in each year',
      ['DTSTART;VALUE=DATE:20101003', 'RRULE:FREQ=YEARLY'],
      ['2026-10-03', '2027-10-03', '2028-10-03'],
    ],
    ['the 29th of February where there is one', ['DTSTART;VALUE=DATE:20200229', 'RRULE:FREQ=YEARLY'], ['2028-02-29']],
    [
      'the fourth Thursday of November',
      ['DTSTART;VALUE=DATE:20201126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH'],
      ['2026-11-26', '2027-11-25', '2028-11-23'],
    ],
    [
      'what its rule names until it ends',
      ['DTSTART;VALUE=DATE:20261003', 'RRULE:FREQ=YEARLY;COUNT=2'],
      ['2026-10-03', '2027-10-03'],
    ],
    [
      'no day that is left out',
      ['DTSTART;VALUE=DATE:20261003', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20271003'],
      ['2026-10-03', '2028-10-03'],
    ],
    [
      'further days',
      ['DTSTART;VALUE=DATE:20261003', 'RDATE;VALUE=DATE:20261005,20261007'],
      ['2026-10-03', '2026-10-05', '2026-10-07'],
    ],
    [
      'the part of a long one within the window',
      ['DTSTART;VALUE=DATE:20200101', 'DTEND;VALUE=DATE:20260103'],
      ['2026-01-01', '2026-01-02'],
    ],
    [
      'whole days by its own clock',
      ['DTSTART;TZID=Europe/Berlin:20261224T000000', 'DTEND;TZID=Europe/Berlin:20261226T000000'],
      ['2026-12-24', '2026-12-25'],
    ],
    [
      'a day that ends a minute before midnight',
      ['DTSTART;TZID=America/New_York:20261224T000000', 'DTEND;TZID=America/New_York:20261224T235900'],
      ['2026-12-24'],
    ],
    ['the whole day in its midst', ['DTSTART:20261223T180000', 'DTEND:20261225T080000'], ['2026-12-24']],
  ])('%s', (_, lines, expected) => expect(daysOf(lines)).toEqual(expected));

  it('whole days by the clock that the feed names, where its times are in UTC', () => {
    const lines = ['DTSTART:20261223T230000Z', 'DTEND:20261224T230000Z', 'SUMMARY:Heiligabend'];
    expect(daysOf(lines, 'X-WR-TIMEZONE:Europe/Berlin')).toEqual(['2026-12-24 Heiligabend']);
    expect(read(lines)).toMatchObject({ days: [], ignored: 1 });
    expect(read(lines, 'X-WR-TIMEZONE:Mars/Olympus')).toMatchObject({ days: [], ignored: 1 });
  });

  it('nothing where it is a meeting, is cancelled, begins nowhere, or comes back within a day', () => {
    expect(read(['DTSTART:20261223T100000Z', 'DTEND:20261223T110000Z'])).toEqual({ days: [], events: 1, ignored: 1 });
    expect(read(['DTSTART:20261223T100000Z'])).toMatchObject({ days: [], ignored: 1 });
    expect(read(['SUMMARY:x'])).toMatchObject({ days: [], ignored: 1 });
    expect(daysOf(['DTSTART;VALUE=DATE:20261224', 'STATUS:CANCELLED'])).toEqual([]);
    expect(daysOf(['DTSTART;VALUE=DATE:20261224', 'RRULE:FREQ=SECONDLY'])).toEqual([]);
  });

  it('the day to which one of its own was moved', () => {
    const moved = ical([
      ['UID:1', 'DTSTART;VALUE=DATE:20261001', 'RRULE:FREQ=YEARLY', 'SUMMARY:outing'],
      ['UID:1', 'RECURRENCE-ID;VALUE=DATE:20271001', 'DTSTART;VALUE=DATE:20271002', 'SUMMARY:outing, later'],
    ]);
    expect(daysOfFeed(moved, WINDOW).days).toEqual([
      '2026-10-01 outing',
      '2027-10-02 outing, later',
      '2028-10-01 outing',
    ]);
  });

  it('a day once, under the name that comes first', () => {
    const twice = ical([
      ['UID:1', 'DTSTART;VALUE=DATE:20261003', 'SUMMARY:first'],
      ['UID:2', 'DTSTART;VALUE=DATE:20261003', 'SUMMARY:second'],
    ]);
    expect(daysOfFeed(twice, WINDOW)).toEqual({ days: ['2026-10-03 first'], events: 2, ignored: 0 });
  });

  it('a day whose name may stand in a row: no braces, no controls, no novel', () => {
    const [day = ''] = daysOf(['DTSTART;VALUE=DATE:20261003', `SUMMARY:{{ssm:x}}\\n\u0007${'é'.repeat(200)}`]);
    expect(day).toMatch(/^2026-10-03 ssm:x é+$/);
    expect(day.length).toBeLessThanOrEqual(71);
  });
});

describe('a feed is refused, saying why', () => {
  const many = (count: number, lines: (index: number) => string[]) =>
    ical(Array.from({ length: count }, (_, index) => [`UID:${index}`, ...lines(index)]));
  const dayOf = (index: number) =>
    new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10).replaceAll('-', '');

  it.each<[string, string, RegExp]>([
    ['a page', '<html><body>Sign in</body></html>', /is no iCal/],
    ['nothing', '', /does not begin with BEGIN:VCALENDAR/],
    ['a card', 'BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD', /does not begin with BEGIN:VCALENDAR/],
    ['half of one', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261003', /is no iCal/],
    [
      'a rule that is none',
      ical([['UID:1', 'DTSTART;VALUE=DATE:20261003', 'RRULE:FREQ=SOMETIMES']]),
      /is no iCal|cannot be followed/,
    ],
    ['too many events', many(MOST_EVENTS + 1, () => ['DTSTART;VALUE=DATE:20261003']), /more than 10000 events/],
    [
      'a calendar that is always closed',
      many(1, () => ['DTSTART;VALUE=DATE:20200101', 'RRULE:FREQ=DAILY']),
      /more than 1000 days/,
    ],
  ])('%s', (_, text, words) => {
    expect(() => daysOfFeed(text, WINDOW)).toThrow(
      expect.objectContaining({ name: 'FeedUnusable', message: expect.stringMatching(words) }),
    );
  });

  it('one of ten thousand events is read', () => {
    const { days, events } = daysOfFeed(
      many(MOST_EVENTS, (index) => [`DTSTART;VALUE=DATE:${dayOf(index % 900)}`]),
      WINDOW,
    );
    expect([days.length, events]).toEqual([900, MOST_EVENTS]);
  });

  it('several calendars in one text are one', () => {
    const one = ical([['UID:1', 'DTSTART;VALUE=DATE:20261003']]);
    const other = ical([['UID:2', 'DTSTART;VALUE=DATE:20261224']]);
    expect(daysOfFeed(`${one}${other}`, WINDOW).days).toEqual(['2026-10-03', '2026-12-24']);
  });
});
