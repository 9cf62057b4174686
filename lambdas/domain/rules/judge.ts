import type { MetricName } from '../metrics/catalog.ts';
import type { Sampled } from './compile.ts';
import { type Band, compares, type Threshold } from './condition.ts';
import { type Entry, isFiring, lived } from './life.ts';
import { pushed, STALE_MS, statOf } from './ring.ts';

/** Whether a rule holds for one subject at one moment, by what came then and by what is kept of it. */

/** What is usual of a subject at an hour of the week: the median, and the median of how far values were from it. */
export interface Usual {
  readonly median: number;
  readonly mad: number;
}

/** Hours of the week count from Monday 00:00 UTC; undefined where too little is known to say. */
export type Baseline = (subjectId: string, metric: MetricName, hourOfWeek: number, weeks: number) => Usual | undefined;

export interface Moment {
  readonly at: number;
  readonly subjectId: string;
  readonly baseline: Baseline;
}

const HOUR_MS = 3_600_000;
const HOURS_OF_WEEK = 168;
/** 1970 began on a Thursday. */
const FIRST_HOUR = 72;

const hourOfWeek = (at: number): number => (Math.floor(at / HOUR_MS) + FIRST_HOUR) % HOURS_OF_WEEK;

/** The median of deviations is so much less than the standard deviation of what is distributed normally. */
const MAD_TO_SIGMA = 1.4826;

const isOutside = ({ metric, band }: Band, value: number, { at, subjectId, baseline }: Moment): boolean => {
  // Metrics of rows were checked as they were written.
  const usual = baseline(subjectId, metric as MetricName, hourOfWeek(at), band.weeks);
  if (usual === undefined) return false;
  const half = Math.max(band.width * MAD_TO_SIGMA * usual.mad, band.atLeast ?? 0);
  // Of weeks that were all alike nobody can say how far is far.
  if (half === 0) return false;
  const above = value > usual.median + half;
  const below = value < usual.median - half;
  return (above && band.side !== 'below') || (below && band.side !== 'above');
};

const isBeyond = ({ op, value: limit, clear = limit }: Threshold, value: number, fires: boolean): boolean =>
  compares(op, value, fires ? clear : limit);

const breaks = ({ when }: Sampled, value: number, fires: boolean, moment: Moment): boolean =>
  'band' in when ? isOutside(when, value, moment) : isBeyond(when, value, fires);

/** What an entry knows of values once this one has come, or none has, and what it comes to now. */
const valued = (
  { when, overMs }: Sampled,
  entry: Entry,
  at: number,
  came: number | undefined,
): { readonly entry: Entry; readonly value: number | undefined } => {
  if ('band' in when || when.stat === 'last') {
    if (came !== undefined) return { entry: { ...entry, value: came, at }, value: came };
    return { entry, value: entry.at !== undefined && at - entry.at <= STALE_MS ? entry.value : undefined };
  }
  const ring = came === undefined ? entry.ring : pushed(entry.ring, when.stat, overMs, at, came);
  const value = ring && statOf(ring, when.stat, overMs, at);
  const isOver = ring === undefined || at - ring.at > STALE_MS;
  return { entry: { ...entry, ring: isOver ? undefined : ring, value }, value };
};

const bitsOf = (n: number): number => {
  let [rest, count] = [n, 0];
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
};

/** Whether enough of the last samples broke the rule; one that did not come is none of them. */
const counted = (
  { rule: { datapoints } }: Sampled,
  entry: Entry,
  broke: boolean,
  isNew: boolean,
): Entry & { holds: boolean } => {
  if (datapoints === undefined) return { ...entry, holds: broke };
  const before = entry.bits ?? 0;
  const bits = isNew ? ((before << 1) | Number(broke)) & (2 ** datapoints.of - 1) : before;
  return { ...entry, bits: bits || undefined, holds: bitsOf(bits) >= datapoints.breaching };
};

/** An entry once its rule was looked at: with what came of its subject then, or for time alone where nothing did. */
export const judged = (compiled: Sampled, before: Entry, came: number | undefined, moment: Moment): Entry => {
  const { at } = moment;
  const { entry, value } = valued(compiled, before, at, came);
  if (value === undefined) return lived(compiled, { ...entry, bits: undefined }, at, false);
  const broke = breaks(compiled, value, isFiring(before), moment);
  const { holds, ...after } = counted(compiled, entry, broke, came !== undefined);
  return lived(compiled, after, at, holds);
};

/** Whether nothing is worth keeping of an entry. */
export const isIdle = ({ since, bits, ring, seen }: Entry): boolean =>
  since === undefined && bits === undefined && ring === undefined && seen === undefined;
