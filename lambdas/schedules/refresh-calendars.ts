import { isDeepStrictEqual } from 'node:util';
import type { Calendar, FeedState } from '../domain/calendar.ts';
import { Fault } from '../domain/faults.ts';
import { publish } from '../runtime/bus.ts';
import { atMost } from '../runtime/chunks.ts';
import { logger } from '../runtime/powertools.ts';
import { refreshed } from '../runtime/refresh-calendar.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as users from '../store/calendar-users.ts';
import * as calendars from '../store/calendars.ts';
import * as projects from '../store/projects.ts';
import * as table from '../store/table.ts';

/** A feed that is down for less than a day is nobody's trouble: what was last read counts on. */
const TOLD_AFTER_MS = 24 * 3_600_000;

/** One event an outage, the same however often it is put. */
const tellDown = ({ id, name, project }: Calendar, { readAt, fault }: FeedState): Promise<void> =>
  publish({
    noun: 'calendar',
    type: 'Calendar Feed Down',
    id: `${id}:${fault?.since}`,
    detail: { calendarId: id, calendarName: name, project, readAt, since: fault?.since, why: fault?.detail },
  });

/** Tells people of a feed that has been down for a day, once. */
const told = async (calendar: Calendar, now: number): Promise<Calendar> => {
  const { feedState } = calendar;
  const fault = feedState?.fault;
  if (!feedState || !fault || fault.toldAt || now - Date.parse(fault.since) < TOLD_AFTER_MS) return calendar;
  await tellDown(calendar, feedState);
  return { ...calendar, feedState: { ...feedState, fault: { ...fault, toldAt: new Date(now).toISOString() } } };
};

const daysOf = ({ feedDays = [], countryDays = [] }: Calendar) => [feedDays, countryDays];

/** Nothing is asked for what is left of a deleted project, and it is not looked at again. */
const asLeft = ({ dueAt: _, ...rest }: Calendar): Calendar => rest;

/** Asks what a calendar lives by, and wakes its schedules where its days are others now. */
const refresh = (project: string, id: string, now: number): Promise<void> =>
  untilWritten(async () => {
    const before = await calendars.find(project, id);
    if (!before?.dueAt || Date.parse(before.dueAt) > now) return;
    const isLive = (await projects.find(project)) !== undefined;
    const after = table.next(isLive ? await told(await refreshed(before, now), now) : asLeft(before));
    const isSame = isDeepStrictEqual(daysOf(before), daysOf(after));
    const waking = isSame || !isLive ? [] : await users.wakingUsersOf(after, new Date(now).toISOString());
    await table.transact([calendars.swapping(after), ...waking]);
  });

/** One calendar's trouble is not another's; it stays due, and the next hour tries again. */
const tried = async ({ project, id }: Calendar, now: number): Promise<void> => {
  try {
    await refresh(project, id, now);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    logger.warn('a calendar could not be refreshed', { calendar: id, fault: error.name, detail: error.message });
  }
};

/** Slow feeds must not keep each other from being asked at all. */
const AT_ONCE = 4;

/** Refreshes what is due. @returns how many */
export const refreshCalendars = async (now: number): Promise<number> => {
  const due = await Array.fromAsync(calendars.due(new Date(now).toISOString()));
  await atMost(AT_ONCE, due, (calendar) => tried(calendar, now));
  return due.length;
};

/** Each hour. */
export const handler = async (): Promise<{ refreshed: number }> => ({ refreshed: await refreshCalendars(Date.now()) });
