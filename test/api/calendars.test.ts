import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { fetchFeed } from '../../lambdas/runtime/fetch-feed.ts';
import { MOST_USERS } from '../../lambdas/store/calendar-users.ts';
import * as calendars from '../../lambdas/store/calendars.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { call, insertCalendar, insertSchedule, newCalendar, newSchedule, signIn } from '../support/api.ts';
import { ical } from '../support/ical.ts';
import { StateTable } from '../support/state-table.ts';

/** How a feed is fetched is in test/runtime/fetch-feed.test.ts; here one answers, or does not. */
vi.mock('../../lambdas/runtime/fetch-feed.ts', () => ({ fetchFeed: vi.fn() }));
const feed = vi.mocked(fetchFeed);
const says = (...events: string[][]) => feed.mockResolvedValue({ text: ical(events), etag: '"v1"' });
const isDown = () =>
  feed.mockRejectedValue(new Fault('FeedUnusable', 'The feed cannot be read: feeds.example.org answers 503.'));

/** The tables of all countries are loaded here, and ninety schedules written, beside whatever else a machine does. */
vi.setConfig({ testTimeout: 30_000 });

let operator: string;
beforeEach(async () => {
  new StateTable();
  operator = await signIn('operator');
  vi.useFakeTimers({ now: Date.parse('2026-09-01T10:00:00.000Z'), toFake: ['Date'] });
  says(['UID:1', 'DTSTART;VALUE=DATE:20201003', 'RRULE:FREQ=YEARLY', 'SUMMARY:Tag der Deutschen Einheit']);
  return () => vi.useRealTimers();
});

const FEED = 'https://feeds.example.org/holidays.ics';
const CALENDAR = newCalendar();
const ID = CALENDAR.id;
const send = (line: string, body?: unknown) => call(line, { token: operator, ...(body === undefined ? {} : { body }) });
const create = (spec: object) => send('POST /v1/calendars', { name: 'feiertage', ...spec });

describe('a calendar', () => {
  it('of own dates is made, shown with its days, listed without, changed and forgotten', async () => {
    const { body, ...made } = await create({
      dates: [{ from: '2026-12-24', to: '2026-12-26', note: 'works holidays' }],
    });
    expect(made).toMatchObject({ status: 201, headers: { location: `/v1/calendars/${body.id}` } });
    expect(body).toMatchObject({ name: 'feiertage', open: [] });
    expect(body.days).toEqual([24, 25, 26].map((day) => ({ date: `2026-12-${day}`, name: 'works holidays' })));
    const { days: _, ...summary } = body;
    expect((await send('GET /v1/calendars?name=feiertage')).body.items).toEqual([summary]);
    const opened = await send(`PATCH /v1/calendars/${body.id}`, { dates: [], country: 'DE-BY', open: ['2026-12-25'] });
    expect(opened.body.days).toContainEqual({ date: '2026-10-03', name: 'Tag der Deutschen Einheit' });
    expect(opened.body.days).not.toContainEqual(expect.objectContaining({ date: '2026-12-25' }));
    expect((await send(`DELETE /v1/calendars/${body.id}`)).status).toBe(204);
    expect(await send(`GET /v1/calendars/${body.id}`)).toMatchObject({
      status: 404,
      body: { code: 'CalendarNotFound' },
    });
    expect((await create({ country: 'DE' })).status).toBe(201);
  });

  it('loses its description, its feed and its country by null, and keeps what is left out', async () => {
    await insertCalendar(newCalendar({ description: 'of the works council', country: 'DE', feed: FEED }));
    const { body } = await send(`PATCH /v1/calendars/${ID}`, { description: null, feed: null });
    expect(body).toMatchObject({ country: 'DE', dates: CALENDAR.dates });
    expect(body).not.toHaveProperty('description');
    expect(body).not.toHaveProperty('feed');
  });

  it('has a name of its own within its project', async () => {
    await insertCalendar(CALENDAR);
    expect(await create({ name: CALENDAR.name, country: 'DE' })).toMatchObject({
      status: 409,
      body: { code: 'NameTaken' },
    });
    const { body } = await create({ country: 'DE' });
    expect((await send(`PATCH /v1/calendars/${body.id}`, { name: CALENDAR.name })).status).toBe(409);
    expect((await send(`PATCH /v1/calendars/${body.id}`, { name: 'germany' })).status).toBe(200);
    expect((await create({ country: 'DE' })).status).toBe(201);
  });

  it.each([
    ['DE', '2027-03-26', 'Karfreitag'],
    ['DE-BY', '2027-01-06', 'Heilige Drei Könige'],
    ['US', '2026-11-26', 'Thanksgiving Day'],
    ['JP', '2027-01-01', '元日'],
  ])('of %s knows %s', async (country, date, name) => {
    expect((await create({ country })).body.days).toContainEqual({ date, name });
  });

  it('of a feed has its days, and says how it went with it', async () => {
    const { body } = await create({ feed: FEED });
    expect(body.days).toEqual([{ date: '2026-10-03', name: 'Tag der Deutschen Einheit' }]);
    expect(body.feedState).toEqual({
      checkedAt: expect.any(String),
      readAt: expect.any(String),
      events: 1,
      ignored: 0,
    });
    expect((await calendars.get('default', body.id)).dueAt).toBe('2026-09-01T16:00:00.000Z');
  });

  it('whose feed is changed or taken away forgets what it read of it', async () => {
    const { body } = await create({ feed: FEED });
    says(['UID:1', 'DTSTART;VALUE=DATE:20261224', 'SUMMARY:Heiligabend']);
    const other = await send(`PATCH /v1/calendars/${body.id}`, { feed: 'https://other.example.org/x.ics' });
    expect(other.body.days).toEqual([{ date: '2026-12-24', name: 'Heiligabend' }]);
    expect(feed).toHaveBeenLastCalledWith('https://other.example.org/x.ics', undefined);
    const without = await send(`PATCH /v1/calendars/${body.id}`, { feed: null, dates: [{ from: '2026-10-05' }] });
    expect(without.body).toMatchObject({ days: [{ date: '2026-10-05', name: '' }] });
    expect(without.body).not.toHaveProperty('feedState');
    expect(await calendars.get('default', body.id)).not.toHaveProperty('dueAt');
  });

  it('asks nobody where only its words are changed', async () => {
    const { body } = await create({ feed: FEED, country: 'DE' });
    feed.mockClear();
    const { body: after } = await send(`PATCH /v1/calendars/${body.id}`, { description: 'of the works council' });
    expect(feed).not.toHaveBeenCalled();
    expect(after).toMatchObject({ days: body.days, feedState: body.feedState });
    expect((await calendars.get('default', body.id)).dueAt).toBe('2026-09-01T16:00:00.000Z');
  });
});

describe('what is wrong with a calendar is refused, and named', () => {
  it.each<[string, object, string]>([
    ['nothing in it', {}, ''],
    ['a date that is none', { dates: [{ from: '2027-02-30' }] }, '/dates/0/from'],
    ['days that end before they begin', { dates: [{ from: '2026-12-26', to: '2026-12-24' }] }, '/dates/0/to'],
    [
      'a day that is closed and open',
      { dates: [{ from: '2026-12-24', to: '2026-12-26' }], open: ['2026-12-25'] },
      '/open/0',
    ],
    ['five hundred and one dates', { dates: Array.from({ length: 501 }, () => ({ from: '2026-12-24' })) }, '/dates'],
    ['a country by its name', { country: 'Germany' }, '/country'],
    ['a country that is none', { country: 'XX' }, '/country'],
    ['a part that it has not', { country: 'DE-XX' }, '/country'],
    ['a part of a part that it has not', { country: 'DE-BY-ZZ' }, '/country'],
    ['a note with braces', { dates: [{ from: '2026-12-24', note: '{{x}}' }] }, '/dates/0/note'],
  ])('%s', async (_, spec, pointer) => {
    const { status, body } = await create(spec);
    expect(status).toBe(400);
    expect(body.errors.map((each) => each.pointer)).toContain(pointer);
  });

  it('ten thousand dates, unread', async () => {
    const dates = Array.from({ length: 10_000 }, () => ({ from: '2026-12-24' }));
    expect(await create({ dates })).toMatchObject({ status: 413, body: { code: 'PayloadTooLarge' } });
  });

  it('a feed that is down, or is no iCal, when it is saved: then there is no calendar', async () => {
    isDown();
    expect(await create({ feed: FEED })).toMatchObject({ status: 422, body: { code: 'FeedUnusable' } });
    feed.mockResolvedValue({ text: '<html>Sign in</html>' });
    const { status, body } = await create({ feed: FEED });
    expect([status, body.errors[0]?.pointer]).toEqual([422, '/feed']);
    expect(body.detail).toMatch(/is no iCal/);
    says(...Array.from({ length: 10_001 }, () => ['UID:1', 'DTSTART;VALUE=DATE:20261224']));
    expect((await create({ feed: FEED })).body.detail).toMatch(/more than 10000 events/);
    expect((await send('GET /v1/calendars')).body.items).toEqual([]);
  });

  it('in a change as in a new one', async () => {
    await insertCalendar(CALENDAR);
    expect((await send(`PATCH /v1/calendars/${ID}`, {})).status).toBe(400);
    expect((await send(`PATCH /v1/calendars/${ID}`, { dates: [] })).status).toBe(400);
    const both = await send(`PATCH /v1/calendars/${ID}`, { open: ['2026-12-24'] });
    expect([both.status, both.body.errors[0]?.pointer]).toEqual([400, '/open/0']);
    isDown();
    expect((await send(`PATCH /v1/calendars/${ID}`, { feed: FEED })).status).toBe(422);
    expect(await calendars.get('default', ID)).toEqual(CALENDAR);
  });
});

describe('a feed that is down later', () => {
  it('leaves the days that were read, and says what is wrong and since when, until it is up', async () => {
    const { body } = await create({ feed: FEED });
    const refresh = () => send(`POST /v1/calendars/${body.id}/actions/refresh`);
    isDown();
    vi.setSystemTime('2026-09-02T10:00:00.000Z');
    expect(await refresh()).toMatchObject({ status: 200, body: { days: body.days } });
    vi.setSystemTime('2026-09-03T10:00:00.000Z');
    const { body: down } = await refresh();
    expect(down.feedState).toMatchObject({
      readAt: '2026-09-01T10:00:00.000Z',
      checkedAt: '2026-09-03T10:00:00.000Z',
      fault: {
        name: 'FeedUnusable',
        detail: expect.stringContaining('answers 503'),
        since: '2026-09-02T10:00:00.000Z',
      },
    });
    feed.mockResolvedValue({ unchanged: true });
    vi.setSystemTime('2026-09-04T10:00:00.000Z');
    const { body: up } = await refresh();
    expect(feed).toHaveBeenLastCalledWith(FEED, expect.objectContaining({ etag: '"v1"' }));
    expect(up).toMatchObject({ days: body.days, feedState: { readAt: '2026-09-04T10:00:00.000Z' } });
    expect(up.feedState).not.toHaveProperty('fault');
  });
});

describe('a schedule and its calendars', () => {
  const OFFICE = {
    name: 'office',
    targets: { filter: 'tag:app=shop' },
    timeZone: 'Europe/Berlin',
    periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], start: '09:00', stop: '18:00' }],
  };
  const plan = (more: object) => send('POST /v1/schedules', { ...OFFICE, ...more });

  it('leaves their days out in preview, in what is wanted, and in when it acts next', async () => {
    const { body: days } = await create({ country: 'DE' });
    vi.setSystemTime('2026-10-02T20:00:00.000Z');
    const { body } = await plan({ calendars: [days.id] });
    // The 3rd is a Saturday and a holiday, the 4th a Sunday.
    expect(body).toMatchObject({ calendars: [days.id], nextAt: '2026-10-05T07:00:00.000Z' });
    const preview = await send(`GET /v1/schedules/${body.id}/preview?days=3`);
    expect(preview.body).toMatchObject({
      closed: [{ date: '2026-10-03', because: 'Tag der Deutschen Einheit (feiertage)' }],
      hoursUp: 9,
    });
  });

  it('refers to what is there, once', async () => {
    await insertCalendar(CALENDAR);
    const pointers = async (ids: string[]) =>
      (await plan({ calendars: ids })).body.errors.map(({ pointer }) => pointer);
    expect(await pointers([ID, 'cal-000000000000000z'])).toEqual(['/calendars/1']);
    expect(await pointers([ID, ID])).toEqual(['/calendars/1']);
    expect(await pointers(['feiertage'])).toEqual(['/calendars/0']);
    await insertCalendar(newCalendar({ id: 'cal-0000000000000002', project: 'shop' }));
    expect(await pointers(['cal-0000000000000002'])).toEqual(['/calendars/0']);
  });

  it('keeps them from being deleted, by name, until it refers to them no more', async () => {
    await insertCalendar(CALENDAR);
    const { body } = await plan({ calendars: [ID] });
    const refused = await send(`DELETE /v1/calendars/${ID}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'CalendarInUse' } });
    expect(refused.body.detail).toContain('office');
    expect((await send(`PATCH /v1/schedules/${body.id}`, { calendars: [] })).status).toBe(200);
    expect((await send(`DELETE /v1/calendars/${ID}`)).status).toBe(204);
  });

  it('that begins to refer to one at the moment of its end is refused, or keeps it', async () => {
    await insertCalendar(CALENDAR);
    const [made, gone] = await Promise.all([plan({ calendars: [ID] }), send(`DELETE /v1/calendars/${ID}`)]);
    expect([
      [201, 409],
      [400, 204],
      [404, 204],
    ]).toContainEqual([made.status, gone.status]);
  });

  it('is looked at again at once where they change, turned off it stays as it is', async () => {
    await insertCalendar(CALENDAR);
    await insertSchedule(newSchedule({ calendars: [ID], nextAt: '2026-10-05T07:00:00.000Z' }));
    const off = newSchedule({ id: 'sch-0000000000000002', name: 'off', calendars: [ID], enabled: false });
    await insertSchedule(off);
    await send(`PATCH /v1/calendars/${ID}`, { dates: [{ from: '2026-10-05' }] });
    expect(await schedules.get('default', newSchedule().id)).toMatchObject({
      nextAt: '2026-09-01T10:00:00.000Z',
      version: 2,
    });
    expect(await schedules.get('default', off.id)).toEqual(off);
  });

  it('is one of ninety at most', async () => {
    await insertCalendar(CALENDAR);
    for (let number = 0; number < MOST_USERS; number += 1) {
      const id = `sch-${String(number).padStart(16, '0')}`;
      await insertSchedule(newSchedule({ id, name: `s-${number}`, calendars: [ID] }));
    }
    const { status, body } = await plan({ calendars: [ID] });
    expect([status, body.errors[0]?.pointer]).toEqual([400, '/calendars/0']);
    expect((await send(`PATCH /v1/schedules/sch-${'0'.repeat(16)}`, { calendars: [ID], priority: 3 })).status).toBe(
      200,
    );
    // All of them are woken in one transaction.
    expect((await send(`PATCH /v1/calendars/${ID}`, { open: ['2026-10-01'] })).status).toBe(200);
  });
});
