import { raise } from '../domain/faults.ts';
import type { Schedule } from '../domain/schedule.ts';
import { dueAt } from './due-key.ts';
import * as names from './names.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'schedule'), sk: id });

/** How schedules lie in the state table: with their project, and found by when they are next to be looked at. */
export const entity: table.Entity<Schedule> = {
  name: 'schedule',
  key: ({ project, id }) => keyOf(project, id),
  indexes: ({ nextAt, id }) => (nextAt === undefined ? {} : { gsi2: dueAt(nextAt, id) }),
};

export const find = (project: string, id: string): Promise<Schedule | undefined> =>
  table.get<Schedule>(keyOf(project, id));

/** @throws ScheduleNotFound */
export const get = async (project: string, id: string): Promise<Schedule> =>
  (await find(project, id)) ?? raise('ScheduleNotFound', `There is no schedule ${id}.`);

/** One page of a project's schedules, oldest first. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Schedule>> =>
  table.query<Schedule>({ ...range, pk: partitionOf(project, 'schedule') });

/** All of a project. */
export const allOf = (project: string): Promise<Schedule[]> =>
  Array.fromAsync(table.each<Schedule>({ pk: partitionOf(project, 'schedule'), limit: 500, consistent: true }));

/** A new one with its name. @throws NameTaken */
export const inserting = (schedule: Schedule): table.Write[] => [
  table.putNew(entity, schedule),
  names.taking('schedule', schedule),
];

/** Its next version, under another name where it has one. @throws NameTaken */
export const changing = async (before: Schedule, after: Schedule): Promise<table.Write[]> => [
  table.swapping(entity, after),
  ...(before.name === after.name
    ? []
    : [names.taking('schedule', after), ...(await names.freeing('schedule', before))]),
];

/** The end of one, its name free again. */
export const removing = async (schedule: Schedule): Promise<table.Write[]> => [
  table.deleting(entity, schedule),
  ...(await names.freeing('schedule', schedule)),
];

/** Lets those that are enabled be looked at by the next tick: what they refer to has changed, and their next time may be another one. */
export const waking = (all: readonly Schedule[], at: string): table.Write[] =>
  all
    .filter(({ enabled }) => enabled)
    .map((schedule) => table.swapping(entity, table.next({ ...schedule, nextAt: at })));

/** The row as a look leaves it. */
export const following = (before: Schedule, after: Schedule): Schedule =>
  table.next({ ...after, version: before.version });

/** That as a write. @throws WriteConflict where a person changed it meanwhile */
export const noting = (following: Schedule): table.Write => table.swapping(entity, following);

/** Writes what a look came to. @returns the row as it is now @throws WriteConflict where a person changed it meanwhile */
export const swap = async (before: Schedule, after: Schedule): Promise<Schedule> => {
  const next = following(before, after);
  await table.save(noting(next));
  return next;
};
