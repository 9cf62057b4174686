import type { Compiled } from './compile.ts';
import { type Entry, isFiring } from './life.ts';
import { STALE_MS } from './ring.ts';

/** When time alone makes something of a rule so: nothing comes then that would have it looked at. */

/** Looks are ordered for the full ten seconds: what is due within these is looked at together. */
const SLOT_MS = 10_000;

/** What is due later is for a later look to know. */
export const AHEAD_MS = 120_000;

/** Since when the last value of a rule that holds is none any more: it is over, unless it waits for that, too. */
const staleAt = ({ at, ring }: Entry): number | undefined => {
  const last = ring?.at ?? at;
  return last === undefined ? undefined : last + STALE_MS + 1;
};

/** Of what fires: when it has been kept for long enough, or will be where nothing newer comes. */
const endsOf = ({ keepMs }: Compiled, entry: Entry): number[] => {
  if (entry.kept !== undefined) return [entry.kept + keepMs];
  const stale = staleAt(entry);
  if (stale === undefined) return [];
  // Who looks by a message orders none: the end that follows is known before.
  return keepMs === 0 ? [stale] : [stale, stale + keepMs];
};

/** When what holds has held, or what fires is kept, for as long as its rule says; or there is no value any more. */
export const momentsOf = (compiled: Compiled, entry: Entry): number[] => {
  if (entry.since === undefined) return [];
  return isFiring(entry) ? endsOf(compiled, entry) : [entry.since + compiled.forMs];
};

/** When no sample will have come for as long as a rule waits; what fires by it ends with a sample. */
export const absentAt = ({ forMs }: Compiled, entry: Entry, expected = 0): number[] => {
  const since = Math.max(entry.seen ?? 0, expected);
  return isFiring(entry) || since === 0 ? [] : [since + forMs];
};

/** For when looks at these moments are ordered; none for what is due later than `AHEAD_MS`. One that is overdue is due at once. */
export const slotsOf = (moments: readonly number[], now: number): number[] =>
  moments.filter((at) => at <= now + AHEAD_MS).map((at) => Math.ceil(Math.max(at, now + 1) / SLOT_MS) * SLOT_MS);

/** Slots in their order, each once. */
export const inOrder = (slots: Iterable<number>): number[] => [...new Set(slots)].sort((a, b) => a - b);
