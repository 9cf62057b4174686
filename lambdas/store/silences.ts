import { FOREVER } from '../domain/alerts/occurrence.ts';
import { stateOf } from '../domain/alerts/silence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { raise } from '../domain/faults.ts';
import { dueAt } from './due-key.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** A silence that is over is shown so long, as Alertmanager's retention is by itself. */
const KEPT_SECONDS = 5 * 86_400;

const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'silence'), sk: id });

/** How silences lie in the state table: with their project, and found by when they are next to be looked at. */
export const entity: table.Entity<SilenceRow> = {
  name: 'silence',
  key: ({ project, id }) => keyOf(project, id),
  indexes: ({ lookAt, id }) => (lookAt === undefined ? {} : { gsi2: dueAt(lookAt, id) }),
  expiresAt: ({ endsAt }) => (endsAt === FOREVER ? undefined : Math.floor(Date.parse(endsAt) / 1000) + KEPT_SECONDS),
};

export const find = (project: string, id: string): Promise<SilenceRow | undefined> =>
  table.get<SilenceRow>(keyOf(project, id));

/** @throws SilenceNotFound, always */
export const notFound = (id: string): never => raise('SilenceNotFound', `There is no silence ${id}.`);

/** @throws SilenceNotFound */
export const get = async (project: string, id: string): Promise<SilenceRow> =>
  (await find(project, id)) ?? notFound(id);

/** All of a project, strongly consistent: one that was made a moment ago counts. */
export const allOf = (project: string): Promise<SilenceRow[]> =>
  Array.fromAsync(table.each<SilenceRow>({ pk: partitionOf(project, 'silence'), limit: 500, consistent: true }));

/** Those that recur with this window and are not over, strongly consistent. */
export const ofWindow = async (
  { project, id }: { readonly project: string; readonly id: string },
  now: number,
): Promise<SilenceRow[]> =>
  (await allOf(project)).filter((silence) => silence.window === id && stateOf(silence, now) !== 'expired');

/** A new one. */
export const inserting = (silence: SilenceRow): table.Write => table.putNew(entity, silence);

/** Its next version. */
export const swapping = (after: SilenceRow): table.Write => table.swapping(entity, after);
