import { randomUUID } from 'node:crypto';
import type { Allowance } from '../domain/alerts/rate-limit.ts';
import { dueAt } from './due-key.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** Where an allowance lies. */
export type AllowanceAt = Pick<Allowance, 'project' | 'id'>;

const keyOf = ({ project, id }: AllowanceAt): table.Key => ({ pk: partitionOf(project, 'allowance'), sk: id });

/** How what receivers take lies in the state table: with their project, and among the groups that are due while one waits for a digest. */
export const entity: table.Entity<Allowance> = {
  name: 'allowance',
  key: keyOf,
  indexes: ({ nextAt, id }) => (nextAt === undefined ? {} : { gsi2: dueAt(nextAt, id) }),
  expiresAt: ({ nextAt, keptUntil }) => (nextAt === undefined ? Math.floor(Date.parse(keptUntil) / 1000) : undefined),
};

export const find = (at: AllowanceAt): Promise<Allowance | undefined> => table.get<Allowance>(keyOf(at));

/** Writes the next version. @returns it @throws WriteConflict where somebody else has written */
export const save = async <T extends Allowance>(before: T): Promise<T> => {
  const row = { ...before, by: randomUUID() };
  await table.save(table.writing(entity, row));
  return table.next(row);
};
