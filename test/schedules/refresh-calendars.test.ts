import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noticeOfDown } from '../../lambdas/alerting/calendar-notice.ts';
import type { Calendar } from '../../lambdas/domain/calendar.ts';
import { Fault } from '../../lambdas/domain/faults.ts';
import { fetchFeed } from '../../lambdas/runtime/fetch-feed.ts';
import { handler, refreshCalendars } from '../../lambdas/schedules/refresh-calendars.ts';
import * as calendars from '../../lambdas/store/calendars.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { insertCalendar, insertSchedule, newCalendar, newSchedule } from '../support/api.ts';
import { ical } from '../support/ical.ts';
import { StateTable } from '../support/state-table.ts';

vi.mock('../../lambdas/runtime/fetch-feed.ts', () => ({ fetchFeed: vi.fn() }));
const feed = vi.mocked(fetchFeed);
const says = (...dates: string[]) =>
  feed.mockResolvedValue({
    text: ical(dates.map((date) => [`UID:${date}`, `DTSTART;VALUE=DATE:${date.replaceAll('-', '')}`])),
  });
const isDown = () => feed.mockRejectedValue(new Fault('FeedUnusable', 'It answers 503.'));

const bus = mockClient(EventBridgeClient);
beforeEach(() => {
  new StateTable();
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  feed.mockReset();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const tick = (at: string): Promise<number> => {
  vi.setSystemTime(`${at}:00.000Z`);
  return refreshCalendars(Date.now());
};
const FED = newCalendar({
  dates: [],
  feed: 'https://feeds.example.org/x.ics',
  feedDays: ['2026-10-02 bridge day', '2026-10-05 outing'],
  feedState: { checkedAt: '2026-10-01T00:00:00.000Z', readAt: '2026-10-01T00:00:00.000Z', events: 2, ignored: 0 },
  dueAt: '2026-10-01T06:00:00.000Z',
});
const row = (): Promise<Calendar> => calendars.get('default', FED.id);
const office = (): Promise<{ nextAt?: string | undefined }> => schedules.get('default', newSchedule().id);
const told = () =>
  bus.commandCalls(PutEventsCommand).map(({ args: [{ input }] }) => JSON.parse(input.Entries?.[0]?.Detail ?? '{}'));

describe('a calendar that lives by a feed', () => {
  it('is asked about when it is due, and not before', async () => {
    await insertCalendar(FED);
    says('2026-10-02', '2026-10-05');
    expect(await tick('2026-10-01T05:59')).toBe(0);
    expect(await tick('2026-10-01T06:00')).toBe(1);
    expect(await tick('2026-10-01T07:00')).toBe(0);
    expect(await row()).toMatchObject({ dueAt: '2026-10-01T12:00:00.000Z', version: 2 });
    vi.setSystemTime('2026-10-01T12:00:00.000Z');
    expect(await handler()).toEqual({ refreshed: 1 });
  });

  it('wakes its schedules where its days are others, and lets them sleep where they are not', async () => {
    await insertCalendar(FED);
    await insertSchedule(newSchedule({ calendars: [FED.id], nextAt: '2026-10-06T07:00:00.000Z' }));
    feed.mockResolvedValue({ unchanged: true });
    await tick('2026-10-01T06:00');
    expect(await office()).toMatchObject({ nextAt: '2026-10-06T07:00:00.000Z' });
    says('2026-10-07');
    await tick('2026-10-01T12:00');
    expect((await row()).feedDays).toEqual(['2026-10-02 bridge day', '2026-10-07']);
    expect(await office()).toMatchObject({ nextAt: '2026-10-01T12:00:00.000Z' });
  });

  it('leaves a day as it is that has begun anywhere: what began on it still ends', async () => {
    await insertCalendar(FED);
    says('2026-10-01', '2026-10-03');
    // It is the 2nd on Kiritimati, fourteen hours ahead.
    await tick('2026-10-01T10:00');
    expect((await row()).feedDays).toEqual(['2026-10-02 bridge day', '2026-10-03']);
  });

  it('is asked each hour while it is down, and its last days count on', async () => {
    await insertCalendar(FED);
    isDown();
    await tick('2026-10-01T06:00');
    expect(await row()).toMatchObject({
      feedDays: FED.feedDays,
      dueAt: '2026-10-01T07:00:00.000Z',
      feedState: {
        readAt: '2026-10-01T00:00:00.000Z',
        fault: { since: '2026-10-01T06:00:00.000Z', detail: 'It answers 503.' },
      },
    });
    says('2026-10-05');
    await tick('2026-10-01T07:00');
    expect((await row()).feedState).not.toHaveProperty('fault');
  });

  it('is told of once it has been down for a day, once an outage', async () => {
    await insertCalendar(FED);
    isDown();
    for (const at of ['01T06:00', '02T05:00', '02T06:00', '02T07:00', '03T06:00']) await tick(`2026-10-${at}`);
    const [down, ...more] = told();
    expect(more).toEqual([]);
    expect(down).toMatchObject({ calendarName: FED.name, since: '2026-10-01T06:00:00.000Z', why: 'It answers 503.' });
    expect(noticeOfDown(down)).toMatchObject({
      about: FED.id,
      title: 'The feed of calendar works-holidays cannot be read',
      facts: expect.arrayContaining([['Last read', '2026-10-01T00:00:00.000Z; these days count on']]),
      advice: expect.arrayContaining([`All of it: novacron calendar get ${FED.id}`]),
    });
    expect(noticeOfDown({ ...down, project: 'shop' }).advice[0]).toContain('--project shop');
    says('2026-10-05');
    await tick('2026-10-03T07:00');
    isDown();
    await tick('2026-10-03T13:00');
    await tick('2026-10-04T13:00');
    expect(told()).toHaveLength(2);
  });

  it('is no trouble of another’s', async () => {
    await insertCalendar(FED);
    await insertCalendar(
      newCalendar({
        id: 'cal-0000000000000002',
        name: 'unread',
        feed: 'https://x.example.org',
        dueAt: FED.dueAt ?? '',
      }),
    );
    feed.mockImplementation(async (url) => {
      if (url === FED.feed) return { text: ical([]) };
      throw new Fault('FeedUnusable', 'It answers 503.');
    });
    expect(await tick('2026-10-01T06:00')).toBe(2);
    expect(await row()).toMatchObject({ version: 2 });
  });

  it('is left alone where its project is deleted', async () => {
    await insertCalendar({ ...FED, project: 'shop' });
    await tick('2026-10-01T06:00');
    expect(feed).not.toHaveBeenCalled();
    expect(await tick('2026-10-01T07:00')).toBe(0);
  });
});

it('a country’s days are reckoned on each week, so that they never run out', async () => {
  await insertCalendar(newCalendar({ dates: [], country: 'DE', dueAt: '2031-10-01T06:00:00.000Z' }));
  await tick('2031-10-01T06:00');
  const { countryDays = [], dueAt } = await row();
  expect(countryDays).toContain('2033-10-03 Tag der Deutschen Einheit');
  expect(dueAt).toBe('2031-10-08T06:00:00.000Z');
});
