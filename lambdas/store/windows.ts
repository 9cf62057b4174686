import type { Calendar } from '../domain/calendar.ts';
import { raise } from '../domain/faults.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { WindowTimes } from '../domain/window-times.ts';
import * as calendars from './calendars.ts';
import * as names from './names.ts';
import { partitionOf } from './project-keys.ts';
import * as schedules from './schedules.ts';
import * as table from './table.ts';

export const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'window'), sk: id });

/** How windows lie in the state table: with their project. */
export const entity: table.Entity<MaintenanceWindow> = {
  name: 'window',
  key: ({ project, id }) => keyOf(project, id),
};

/** @throws WindowNotFound */
export const get = async (project: string, id: string): Promise<MaintenanceWindow> =>
  (await table.get<MaintenanceWindow>(keyOf(project, id))) ?? raise('WindowNotFound', `There is no window ${id}.`);

/** One page of a project's windows, oldest first. */
export const page = (
  project: string,
  range: Pick<table.Range, 'limit' | 'after'>,
): Promise<table.Slice<MaintenanceWindow>> =>
  table.query<MaintenanceWindow>({ ...range, pk: partitionOf(project, 'window') });

/** All of a project, strongly consistent. */
export const allOf = (project: string): Promise<MaintenanceWindow[]> =>
  Array.fromAsync(table.each<MaintenanceWindow>({ pk: partitionOf(project, 'window'), limit: 500, consistent: true }));

/** Those of these ids that there are, in the order of the ids; nothing is read where there are none. */
export const these = async (project: string, ids: readonly string[]): Promise<MaintenanceWindow[]> => {
  if (ids.length === 0) return [];
  const rows = await table.getEach<MaintenanceWindow>(ids.map((id) => keyOf(project, id)));
  const found = new Map(rows.map((window) => [window.id, window]));
  return ids.flatMap((id) => found.get(id) ?? []);
};

/** A window with the days that its calendars close. */
export type Timed = MaintenanceWindow & WindowTimes;

/** When these windows are open, by what their calendars are. */
export const timedBy = (known: readonly Calendar[], windows: readonly MaintenanceWindow[]): Timed[] =>
  windows.map((window) => ({ ...window, holidays: calendars.holidaysIn(known, window) }));

/** The same of windows of a project, as of now. */
export const timed = async (project: string, windows: readonly MaintenanceWindow[]): Promise<Timed[]> => {
  const ids = [...new Set(windows.flatMap((window) => window.calendars ?? []))];
  return timedBy(await calendars.these(project, ids), windows);
};

/** @see timed */
export const timedOne = async (window: MaintenanceWindow): Promise<Timed> => {
  const known = await calendars.these(window.project, window.calendars ?? []);
  return { ...window, holidays: calendars.holidaysIn(known, window) };
};

/** The schedules that refer to it, strongly consistent. */
export const usersOf = async ({ project, id }: Pick<MaintenanceWindow, 'project' | 'id'>): Promise<Schedule[]> =>
  (await schedules.allOf(project)).filter(({ windows = [] }) => windows.includes(id));

/** One transaction changes a window, wakes its schedules, and notes to which calendars and groups it begins to refer: a hundred writes. */
export const MOST_USERS = 50;

/** Lets its schedules be looked at by the next tick: their next time may be another one. */
export const wakingUsersOf = async (window: MaintenanceWindow, at: string): Promise<table.Write[]> =>
  schedules.waking(await usersOf(window), at);

/** A new one with its name. @throws NameTaken */
export const inserting = (window: MaintenanceWindow): table.Write[] => [
  table.putNew(entity, window),
  names.taking('window', window),
];

/** Its next version, under another name where it has one. @throws NameTaken */
export const changing = async (before: MaintenanceWindow, after: MaintenanceWindow): Promise<table.Write[]> => [
  table.swapping(entity, after),
  ...(before.name === after.name ? [] : [names.taking('window', after), ...(await names.freeing('window', before))]),
];

/** The end of one, its name free again. */
export const removing = async (window: MaintenanceWindow): Promise<table.Write[]> => [
  table.deleting(entity, window),
  ...(await names.freeing('window', window)),
];
