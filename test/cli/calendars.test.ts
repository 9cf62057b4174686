import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, schedule } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
beforeEach(async () => {
  plane = await startPlane();
  plane.calendars = [calendar()];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => plane.close());

const typed = (...words: string[]) => type(words, { env });
const sent = () => plane.seen.at(-1);

describe('novacron calendar', () => {
  it('lists them, and says how to add one', async () => {
    plane.calendars = [calendar({ country: 'DE-BY' })];
    expect((await typed('calendar', 'list')).out).toMatch(/works-holidays +DE-BY +1/);
    plane.calendars = [];
    expect((await typed('calendar', 'list')).err).toContain('novacron calendar create');
  });

  it('create sends what is said, and how to use it', async () => {
    const made = await typed(
      ...['calendar', 'create', 'feiertage', '--country', 'DE-BY', '--feed', 'https://feeds.example.org/x.ics'],
      ...['--closed', '2026-12-24..2026-12-26=christmas', '--open', '2026-12-08', '--open', '2026-12-28'],
    );
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain('--calendar feiertage');
    expect(sent()).toMatchObject({
      method: 'POST',
      path: '/v1/calendars',
      body: {
        name: 'feiertage',
        country: 'DE-BY',
        feed: 'https://feeds.example.org/x.ics',
        dates: [{ from: '2026-12-24', to: '2026-12-26', note: 'christmas' }],
        open: ['2026-12-08', '2026-12-28'],
      },
    });
  });

  it.each([
    ['no day at all', ['create', 'x'], 'Say which days'],
    ['an open day that is none', ['create', 'x', '--country', 'DE', '--open', 'friday'], 'It is a date'],
    ['nothing to change', ['update', 'works-holidays'], 'Say what to change'],
  ])('refuses %s as wrong use', async (_, words, why) => {
    const refused = await typed('calendar', ...words);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(why);
  });

  it('update changes what is said and nothing else, and takes a feed or a country away', async () => {
    await typed('calendar', 'update', 'works-holidays', '--name', 'works', '--no-feed');
    expect(sent()).toMatchObject({ method: 'PATCH', body: { name: 'works', feed: null } });
    await typed('calendar', 'update', 'works', '--no-country', '--description', 'of the works council');
    expect(sent()?.body).toEqual({ country: null, description: 'of the works council' });
  });

  it('get tells the days to come, and what is wrong with the feed, and since when', async () => {
    const feedState = {
      checkedAt: '2026-11-26T08:00:00.000Z',
      readAt: '2026-11-24T08:00:00.000Z',
      events: 12,
      ignored: 3,
      fault: { name: 'FeedUnusable', detail: 'It answers 503.', since: '2026-11-25T08:00:00.000Z' },
    };
    plane.calendars = [calendar({ feed: 'https://feeds.example.org/x.ics', feedState, open: ['2026-12-31'] })];
    const { out } = await typed('calendar', 'get', 'works-holidays');
    expect(out).toMatch(/Last read +.*: 12 events, 3 of them with times of day/);
    expect(out).toMatch(/Fault +since .*: It answers 503\./);
    expect(out).toMatch(/Own +2026-12-24\.\.2027-01-01 works holidays/);
    expect(out).toMatch(/Open +2026-12-31/);
    expect(out).toMatch(/Closed +2026-12-24 works holidays/);
  });

  it('refresh reads the feed now, delete asks', async () => {
    await typed('calendar', 'refresh', 'works-holidays');
    expect(sent()).toMatchObject({ method: 'POST', path: `/v1/calendars/${calendar().id}/actions/refresh` });
    expect((await type('calendar delete works-holidays', { env, answers: 'no\n' })).code).not.toBe(0);
    expect((await typed('calendar', 'delete', 'works-holidays', '--yes')).err).toContain('is deleted');
    expect(sent()?.method).toBe('DELETE');
  });
});

describe('novacron schedule', () => {
  it('refers to calendars by their names, or to none', async () => {
    plane.schedules = [schedule()];
    await typed('schedule', 'update', 'office', '--calendar', 'works-holidays');
    expect(sent()?.body).toEqual({ calendars: [calendar().id] });
    await typed('schedule', 'update', 'office', '--no-calendars');
    expect(sent()?.body).toEqual({ calendars: [] });
  });

  it('preview names the day that is closed, and why', async () => {
    plane.schedules = [schedule({ closures: [{ from: '2026-11-30', note: 'bridge day' }] })];
    expect((await typed('schedule', 'preview', 'office')).out).toContain('2026-11-30 closed: bridge day');
  });
});
