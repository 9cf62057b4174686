import type { Calendar, FeedState } from '../domain/calendar.ts';
import { Fault } from '../domain/faults.ts';
import { settledDays, windowAt } from '../domain/holidays.ts';
import { fetchFeed } from './fetch-feed.ts';
import { readFeed } from './read-feed.ts';

const HOUR_MS = 3_600_000;

/** A feed is asked four times a day, one that is down each hour; a country's days are known for two years, and reckoned on each week. */
const AGAIN_HOURS = { feed: 6, fault: 1, country: 7 * 24 };

const instant = (at: number): string => new Date(at).toISOString();

const hoursOf = ({ feed, country, feedState }: Calendar): number | undefined => {
  if (feed !== undefined) return feedState?.fault ? AGAIN_HOURS.fault : AGAIN_HOURS.feed;
  return country === undefined ? undefined : AGAIN_HOURS.country;
};

/** When it is to be refreshed next. */
const due = (calendar: Calendar, now: number): Calendar => {
  const { dueAt: _, ...rest } = calendar;
  const hours = hoursOf(calendar);
  return hours === undefined ? rest : { ...rest, dueAt: instant(now + hours * HOUR_MS) };
};

type Read = Pick<Calendar, 'feedDays' | 'feedState'>;

const readAnew = async (feed: string, { feedDays, feedState }: Calendar, now: number): Promise<Read> => {
  const at = instant(now);
  const came = await fetchFeed(feed, feedState);
  if ('unchanged' in came && feedState) {
    const { fault: _, ...state } = feedState;
    return { feedDays: feedDays ?? [], feedState: { ...state, checkedAt: at, readAt: at } };
  }
  const { text, etag, lastModified } = 'text' in came ? came : { text: '' };
  const { days, events, ignored } = await readFeed(text, windowAt(now));
  const state: FeedState = {
    checkedAt: at,
    readAt: at,
    events,
    ignored,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
  return { feedDays: settledDays(feedDays, days, now), feedState: state };
};

/** What was read before counts on where the feed is down; where nothing was, there is nothing to go by. */
const withFeed = async (feed: string, calendar: Calendar, now: number): Promise<Read> => {
  try {
    return await readAnew(feed, calendar, now);
  } catch (error) {
    const { feedDays = [], feedState } = calendar;
    if (!(error instanceof Fault) || feedState === undefined) throw error;
    const { name, message: detail } = error;
    const checkedAt = instant(now);
    return {
      feedDays,
      feedState: { ...feedState, checkedAt, fault: { since: checkedAt, ...feedState.fault, name, detail } },
    };
  }
};

/** Its tables are loaded where somebody asks for a country, and not before. */
const countryDays = async (country: string, now: number): Promise<string[]> =>
  (await import('#country-days')).daysOfCountry(country, windowAt(now));

/**
 * A calendar as it is once its feed was asked and its country's days are reckoned. A feed that is down leaves the days that
 * were last read, and says so in `feedState`. @throws FeedUnusable where it was never read; InvalidRequest for a country that
 * nobody knows
 */
export const refreshed = async (calendar: Calendar, now: number): Promise<Calendar> => {
  const { feed, country } = calendar;
  const { feedDays: _, countryDays: __, feedState: ___, ...rest } = calendar;
  const read = feed === undefined ? {} : await withFeed(feed, calendar, now);
  const days = country === undefined ? {} : { countryDays: await countryDays(country, now) };
  return due({ ...rest, ...read, ...days }, now);
};
