import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { dueAt } from './due-key.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';
import * as together from './together.ts';

/** Where a group lies, by what names it. */
export type GroupAt = Pick<AlertGroup, 'project' | 'id'>;

const keyOf = ({ project, id }: GroupAt): table.Key => ({ pk: partitionOf(project, 'alert-group'), sk: id });

/** How groups of alerts lie in the state table: with their project, and found by when they are next to be told of. */
export const entity: table.Entity<AlertGroup> = {
  name: 'alert-group',
  key: keyOf,
  indexes: ({ nextAt, id }) => (nextAt === undefined ? {} : { gsi2: dueAt(nextAt, id) }),
  // With alerts in it a group is written each time it is told of.
  expiresAt: ({ keptUntil }) => Math.floor(Date.parse(keptUntil) / 1000),
};

export const find = (at: GroupAt): Promise<AlertGroup | undefined> => table.get<AlertGroup>(keyOf(at));

/** The same for one of many that are told of at once. */
export const findTogether = (at: GroupAt): Promise<AlertGroup | undefined> => together.get<AlertGroup>(keyOf(at));

/** Those of these that there are, by their ids. */
export const these = async (all: readonly GroupAt[]): Promise<ReadonlyMap<string, AlertGroup>> =>
  new Map((await table.getEach<AlertGroup>(all.map(keyOf))).map((group) => [group.id, group]));

/** All of a project, strongly consistent. */
export const allOf = (project: string): Promise<AlertGroup[]> =>
  Array.fromAsync(table.each<AlertGroup>({ pk: partitionOf(project, 'alert-group'), limit: 500, consistent: true }));

/** Writes the next version of one of many that are told of at once. @throws WriteConflict */
export const saveTogether = (group: AlertGroup): Promise<void> => together.save(writing(group));

/** @see table.writing */
export const writing = (group: AlertGroup): table.Write => table.writing(entity, group);
