import type { Savings } from './savings.ts';
import type { DayOff } from './time-off.ts';

/**
 * What schedules saved, as sums of the time that VMs were off by them. A part of a day is counted in whole seconds and whole
 * millionths of a dollar, so that sums are exact: by VM, by owner or by day it is the same total.
 */

/** Counted in whole numbers. */
interface Count {
  readonly seconds: number;
  readonly micros: number;
  readonly estimated: number;
  readonly unpriced: number;
}

const NOTHING: Count = { seconds: 0, micros: 0, estimated: 0, unpriced: 0 };
const HOUR_MS = 3_600_000;

const plus = (a: Count, b: Count): Count => ({
  seconds: a.seconds + b.seconds,
  micros: a.micros + b.micros,
  estimated: a.estimated + b.estimated,
  unpriced: a.unpriced + b.unpriced,
});

/** What the first milliseconds of a day's part come to: differences of these add up to the whole, wherever it is cut. */
const firstOf = ({ usdPerHour, priceKind }: DayOff, ms: number): Count => {
  const seconds = Math.round(ms / 1000);
  if (usdPerHour === null) return { ...NOTHING, seconds, unpriced: seconds };
  const micros = Math.round((ms * usdPerHour * 1e6) / HOUR_MS);
  return { seconds, micros, estimated: priceKind === 'list' ? 0 : micros, unpriced: 0 };
};

/** A part of a day, as far as it lies in the range. */
const countOf = (day: DayOff, [from, to]: readonly [number, number]): Count => {
  const begin = Date.parse(day.from);
  const end = Math.min(Date.parse(day.until), to);
  const cut = Math.max(begin, from);
  if (end <= cut) return NOTHING;
  const [all, before] = [firstOf(day, end - begin), firstOf(day, cut - begin)];
  return {
    seconds: all.seconds - before.seconds,
    micros: all.micros - before.micros,
    estimated: all.estimated - before.estimated,
    unpriced: all.unpriced - before.unpriced,
  };
};

const sumOf = ({ seconds, micros, estimated, unpriced }: Count): Savings['total'] => ({
  seconds,
  usd: micros / 1e6,
  estimatedUsd: estimated / 1e6,
  unpricedSeconds: unpriced,
});

const namedBy = (by: string, { vmId, vmName, scheduleId, scheduleName, owner, tags }: DayOff): [string, string] => {
  if (by === 'vm') return [vmId, vmName];
  if (by === 'schedule') return [scheduleId, scheduleName];
  const word = by === 'owner' ? owner : (tags[by.slice('tag:'.length)] ?? '');
  return [word, word];
};

/** @see Savings; of `daysOff` what lies in the range counts */
export const savingsOf = (by: string, range: readonly [number, number], daysOff: Iterable<DayOff>): Savings => {
  const days = new Map<string, Count>();
  const groups = new Map<string, Count & { readonly name: string }>();
  for (const off of daysOff) {
    const count = countOf(off, range);
    if (count.seconds === 0 && count.micros === 0) continue;
    const [key, name] = namedBy(by, off);
    const day = off.from.slice(0, 'yyyy-mm-dd'.length);
    days.set(day, plus(days.get(day) ?? NOTHING, count));
    groups.set(key, { ...plus(groups.get(key) ?? NOTHING, count), name });
  }
  const [from, to] = range.map((at) => new Date(at).toISOString());
  return {
    from: from ?? '',
    to: to ?? '',
    by,
    total: sumOf([...days.values()].reduce(plus, NOTHING)),
    days: [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, count]) => ({ day, ...sumOf(count) })),
    groups: [...groups]
      .sort(([a, x], [b, y]) => y.micros - x.micros || y.seconds - x.seconds || (a < b ? -1 : 1))
      .map(([key, { name, ...count }]) => ({ key, name, ...sumOf(count) })),
  };
};
