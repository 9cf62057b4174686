import type { Timed } from '../domain/alerts/alert-group.ts';
import { FOREVER } from '../domain/alerts/occurrence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import type { Schedule } from '../domain/schedule.ts';
import * as alertGroups from './alert-groups.ts';
import * as allowances from './allowances.ts';
import { DUE } from './due-key.ts';
import * as schedules from './schedules.ts';
import * as silences from './silences.ts';
import * as table from './table.ts';

/** What a tick is to look at, of each kind the longest waiting first. */
export interface Due {
  readonly schedules: readonly Schedule[];
  /** And digests of groups. */
  readonly alertGroups: readonly Timed[];
  readonly silences: readonly SilenceRow[];
  /** Whether rules are to be looked at as time goes by. */
  readonly rules: boolean;
}

/** Rows are written through their entities only, so its name says of which kind one is. */
const ofKind = <T extends { readonly version: number }>(rows: readonly table.Named[], { name }: table.Entity<T>): T[] =>
  rows.flatMap(({ entity, row }) => (entity === name ? [row as T] : []));

/** Kinds that are due at each tick, and let rules be looked at. */
const LASTING: ReadonlySet<string> = new Set(['measured', 'rule']);

/** Behind the Instant in a sort key stands `#` and an id: `~` comes after both. */
const AFTER_ALL = '~';

/**
 * What is due at a moment, and groups of alerts within so many milliseconds from it: one query for all, for each megabyte. The
 * index lags a moment behind the rows.
 */
export const read = async (now: number, aheadMs = 0): Promise<Due> => {
  const at = new Date(now).toISOString();
  const until = `${new Date(now + aheadMs).toISOString()}${AFTER_ALL}`;
  const rows = await Array.fromAsync(table.eachNamed({ index: 'gsi2', pk: DUE, until, limit: 1_000 }));
  const isDue = (moment = FOREVER): boolean => moment <= at;
  return {
    schedules: ofKind(rows, schedules.entity).filter(({ nextAt }) => isDue(nextAt)),
    alertGroups: [...ofKind(rows, alertGroups.entity), ...ofKind(rows, allowances.entity)],
    silences: ofKind(rows, silences.entity).filter(({ lookAt }) => isDue(lookAt)),
    rules: rows.some(({ entity }) => LASTING.has(entity)),
  };
};
