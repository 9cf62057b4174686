import type { Calendar } from '../domain/calendar.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import type { Schedule } from '../domain/schedule.ts';
import * as schedules from './schedules.ts';
import type * as table from './table.ts';
import * as windows from './windows.ts';

/** Whom a calendar's days are for: windows that refer to it, and schedules that do, themselves or by a window. */
interface Users {
  readonly windows: readonly MaintenanceWindow[];
  readonly schedules: readonly Schedule[];
}

/** Strongly consistent. */
export const usersOf = async ({ project, id }: Pick<Calendar, 'project' | 'id'>): Promise<Users> => {
  const theirs = (await windows.allOf(project)).filter(({ calendars = [] }) => calendars.includes(id));
  const named = new Set(theirs.map((window) => window.id));
  const all = await schedules.allOf(project);
  const isUser = ({ calendars = [], windows: ids = [] }: Schedule): boolean =>
    calendars.includes(id) || ids.some((each) => named.has(each));
  return { windows: theirs, schedules: all.filter(isUser) };
};

/** One transaction changes a calendar and wakes its schedules, and it has a hundred writes (DynamoDB API reference). */
export const MOST_USERS = 90;

/** Lets its schedules be looked at by the next tick: their next time may be another one. */
export const wakingUsersOf = async (calendar: Calendar, at: string): Promise<table.Write[]> =>
  schedules.waking((await usersOf(calendar)).schedules, at);
