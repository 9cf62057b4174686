import { dayAt, daysLater } from './civil-time.ts';
import {
  type Block,
  type Bounded,
  blockAt,
  datesBehind,
  daysAround,
  HORIZON_DAYS,
  isBounded,
  merged,
  spansOf,
  type Times,
} from './spans.ts';

/** When windows are open: the moments that the times of schedules and the views of windows are made of. */

/** What openings are reckoned from: a window, and the days that its calendars close as they are now. */
export interface WindowTimes extends Times {
  readonly name: string;
}

const labelled = (spans: readonly Bounded[], { name }: WindowTimes): Bounded[] =>
  spans.map((span) => ({ ...span, label: `window ${name}` }));

const spansIn =
  (windows: readonly WindowTimes[]) =>
  (from: number, to: number): Bounded[] =>
    windows.flatMap((window) =>
      labelled(spansOf(window, daysAround(window.timeZone, from, to)).filter(isBounded), window),
    );

/** The stretches in which one of these windows or another is open, as far as they lie between two moments. */
export const openBetween = (windows: readonly WindowTimes[], from: number, to: number): Block[] =>
  merged(spansIn(windows)(from, to)).filter(({ start, stop }) => from <= stop && start <= to);

/** The stretch in which a moment lies, from its first. */
export const openAt = (windows: readonly WindowTimes[], at: number): Block | undefined => blockAt(spansIn(windows), at);

/** From when to when a window is open, in epoch milliseconds. */
export interface Opening {
  readonly from: number;
  readonly until: number;
}

/** Whether it is open at a moment, and its next openings behind it. */
export interface Openings {
  /** `until` is absent where it is always open. */
  readonly now?: { readonly until?: number };
  readonly next: readonly Opening[];
}

/** Of the dates that its periods name, however far they lie. */
const datedSpans = (window: WindowTimes, after: number): Bounded[] => {
  const periods = window.periods.filter(({ dates }) => dates !== undefined);
  const days = datesBehind({ periods }, after).map((at) => dayAt('UTC', at));
  return labelled(spansOf({ ...window, periods }, days).filter(isBounded), window);
};

/** Stretches that end behind a moment, with their ends: all up to the horizon, or as many as are asked for. */
const endingAfter = (window: WindowTimes, at: number, most: number): Block[] => {
  for (let days = 8; days < HORIZON_DAYS; days *= 4) {
    const to = daysLater(at, days);
    const whole = openBetween([window], at, to).filter(({ stop }) => at < stop && stop <= to);
    if (whole.length >= most) return whole;
  }
  const to = daysLater(at, HORIZON_DAYS);
  return merged([...spansIn([window])(at, to), ...datedSpans(window, to)]).filter(
    // What lies about the horizon may be longer than it is seen.
    ({ start, stop }) => at < stop && (stop <= to || start > daysLater(to, 1)),
  );
};

/** An opening, and of which window. */
export interface OpeningOf<T> extends Opening {
  readonly window: T;
}

/**
 * Openings of several windows from a moment on, one that is open too, in their order: at most so many of each, so that one of
 * each day does not hide one of each month.
 */
export const comingOpenings = <T extends WindowTimes>(
  windows: readonly T[],
  at: number,
  most: number,
): OpeningOf<T>[] =>
  windows
    .flatMap((window) =>
      endingAfter(window, at, most)
        .slice(0, most)
        .map(({ start, stop }) => ({ window, from: start, until: stop })),
    )
    .toSorted((a, b) => a.from - b.from);

/** When several windows are open, in their order: as far as that lies between two moments. */
export const openWithin = <T extends WindowTimes>(windows: readonly T[], from: number, to: number): OpeningOf<T>[] =>
  windows
    .flatMap((window) =>
      openBetween([window], from, to)
        .map(({ start, stop }) => ({ window, from: Math.max(start, from), until: Math.min(stop, to) }))
        .filter((opening) => opening.from < opening.until),
    )
    .toSorted((a, b) => a.from - b.from);

/** The openings of a window as they are seen from a moment; at most so many of the next ones. */
export const openingsOf = (window: WindowTimes, at: number, most: number): Openings => {
  const blocks = endingAfter(window, at, most + 1);
  const next = blocks.filter(({ start }) => start > at).map(({ start, stop }) => ({ from: start, until: stop }));
  const shown = { next: next.slice(0, most) };
  if (openAt([window], at) === undefined) return shown;
  const until = blocks.find(({ start }) => start <= at)?.stop;
  return { ...shown, now: until === undefined ? {} : { until } };
};

/** What never closes is shown to be open for so long. */
const ALWAYS_DAYS = 365;

/** The opening of a window in which a moment lies, else the next one behind it; undefined where none comes. */
export const openingAround = (window: WindowTimes, at: number): Opening | undefined => {
  const open = openAt([window], at);
  const [first] = endingAfter(window, at, 1);
  if (open === undefined) return first && { from: first.start, until: first.stop };
  const isSeenToEnd = first !== undefined && first.start <= at;
  return { from: open.start, until: isSeenToEnd ? first.stop : daysLater(at, ALWAYS_DAYS) };
};
