import type { RoutingRow } from '../domain/alerts/routing-row.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';
import * as together from './together.ts';

const keyOf = (project: string): table.Key => ({ pk: partitionOf(project, 'routing'), sk: 'routing' });

/** How a project's routing lies in the state table: one row, once somebody has written one. */
export const entity: table.Entity<RoutingRow> = { name: 'routing', key: ({ project }) => keyOf(project) };

/** What somebody has written; undefined where the routing is the one that goes without saying. */
export const find = (project: string): Promise<RoutingRow | undefined> => table.get<RoutingRow>(keyOf(project));

/** The same for one of many who ask at once. */
export const findTogether = (project: string): Promise<RoutingRow | undefined> =>
  together.get<RoutingRow>(keyOf(project));

/** @see table.writing */
export const writing = (row: RoutingRow): table.Write => table.writing(entity, row);
