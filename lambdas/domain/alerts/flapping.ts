import { isResolvedAt } from './alert.ts';
import type { AlertRow } from './alert-row.ts';
import { changesOf } from './history.ts';

/** When an alert comes and goes too often for its ends to be told. */
export interface Flapping {
  /** So many beginnings and ends; 0 is never. */
  readonly changes: number;
  /** Within so long. */
  readonly withinMs: number;
  /** How long it must have stayed as it is before its end is told after all. */
  readonly calmMs: number;
}

/** Counts no changes: as Alertmanager, which tells of each end. */
export const NO_FLAPPING: Flapping = { changes: 0, withinMs: 3_600_000, calmMs: 900_000 };

/** An alert as its receivers hear of it. */
export interface HeardAlert extends AlertRow {
  /** How often it began or ended lately, where that is too often. */
  readonly flaps?: number;
}

/**
 * The alert as it is heard of at a moment: one that flaps (Nagios' word, "Detection and Handling of State Flapping") is not over
 * before it has been calm, so that it is told of once and not at each turn.
 */
export const heardWhileFlapping = (row: AlertRow, { changes, withinMs, calmMs }: Flapping, now: number): HeardAlert => {
  const all = changesOf(row, now).map((at) => Date.parse(at));
  const lately = all.filter((at) => at > now - withinMs).length;
  const isCalm = (all.at(-1) ?? 0) <= now - calmMs;
  if (changes === 0 || lately < changes || isCalm) return row;
  const flapping = { ...row, flaps: lately };
  return isResolvedAt(row, now) ? { ...flapping, endsAt: new Date(now + calmMs).toISOString() } : flapping;
};
