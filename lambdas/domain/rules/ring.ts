import type { Stat } from './condition.ts';

/**
 * What of a window is kept: a number for each twentieth of it, so that a state stays small however long a window is and however
 * often is looked. A window of five minutes is exact where a sample comes each 15 s; a longer one is as old as a twentieth more or less.
 */
export interface Ring {
  /** The number of the newest cell: of the time that it ends at, in lengths of a cell. */
  readonly to: number;
  /** That of the first since when there was no gap. */
  readonly from: number;
  /** Of how many samples the newest cell is. */
  readonly count: number;
  /** When the newest sample was, ms. */
  readonly at: number;
  /** Oldest first; the one before the window is kept, too: what changed did so since then. */
  readonly cells: readonly (number | null)[];
}

const CELLS = 20;

/** As long as Prometheus takes a value to hold that nothing newer came for (its lookback delta). */
export const STALE_MS = 300_000;

export type WindowStat = Exclude<Stat, 'last'>;

const isDifference = (stat: WindowStat): boolean => stat === 'change' || stat === 'rate';

/** As few digits as no limit could tell from all: of noise in the last digits, and of what a state weighs. */
const rounded = (value: number): number => Number(value.toPrecision(6));

const cellOf = (at: number, overMs: number): number => Math.ceil((at * CELLS) / overMs);

const folded = (stat: WindowStat, cell: number | null, count: number, value: number): number => {
  if (cell === null) return value;
  if (stat === 'min') return Math.min(cell, value);
  if (stat === 'max') return Math.max(cell, value);
  return stat === 'avg' ? cell + (value - cell) / (count + 1) : value;
};

/** The ring once a sample has come that is newer than all before. */
export const pushed = (ring: Ring | undefined, stat: WindowStat, overMs: number, at: number, value: number): Ring => {
  const to = cellOf(at, overMs);
  if (ring === undefined || at - ring.at > Math.max(STALE_MS, overMs / CELLS)) {
    return { to, from: to, count: 1, at, cells: [rounded(value)] };
  }
  const before = ring.cells.at(-1) ?? null;
  if (to === ring.to) {
    const cell = rounded(folded(stat, before, ring.count, value));
    return { ...ring, count: ring.count + 1, at, cells: [...ring.cells.slice(0, -1), cell] };
  }
  // What changed did so since the value that held; of a mean no sample is no part.
  const held = isDifference(stat) ? before : null;
  const gap = Array.from({ length: Math.min(to - ring.to - 1, CELLS) }, () => held);
  return { to, from: ring.from, count: 1, at, cells: [...ring.cells, ...gap, rounded(value)].slice(-CELLS - 1) };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The number of the oldest cell. */
const startOf = ({ cells, to }: Ring): number => to - cells.length + 1;

/** By how much the newest differs from the one that held as the window began. */
const changeOf = (ring: Ring, now: number): number => {
  const newest = ring.cells.at(-1) ?? 0;
  return newest - (ring.cells[now - CELLS - startOf(ring)] ?? newest);
};

const among = (stat: WindowStat, values: readonly number[]): number => {
  if (stat === 'min') return Math.min(...values);
  return stat === 'max' ? Math.max(...values) : mean(values);
};

/** What a window comes to at a moment; undefined until samples have come for all of it, and once none came for long. */
export const statOf = (ring: Ring, stat: WindowStat, overMs: number, at: number): number | undefined => {
  if (at - ring.at > STALE_MS) return undefined;
  const now = Math.max(cellOf(at, overMs), ring.to);
  const isWhole = now - ring.from >= (isDifference(stat) ? CELLS : CELLS - 1);
  if (!isWhole) return undefined;
  if (isDifference(stat)) return rounded(changeOf(ring, now) / (stat === 'rate' ? overMs / 1000 : 1));
  const values = ring.cells.slice(Math.max(0, now - CELLS + 1 - startOf(ring))).filter((cell) => cell !== null);
  return values.length === 0 ? undefined : rounded(among(stat, values));
};
