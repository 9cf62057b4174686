const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const DAY_S = 86_400;

/** How finely a series is kept, and for how long: every sample, then what five minutes and an hour were. */
export const RESOLUTIONS = {
  raw: { stepMs: 1000, keptSeconds: 15 * DAY_S },
  '5m': { stepMs: 5 * MINUTE_MS, keptSeconds: 90 * DAY_S },
  '1h': { stepMs: HOUR_MS, keptSeconds: 400 * DAY_S },
} as const;
export type Resolution = keyof typeof RESOLUTIONS;

/** What hosts send lies as it came until every subject has its hour in one row; what comes later than this is refused. */
export const BATCHES_KEPT_SECONDS = 2 * DAY_S;
export const OLDEST_SAMPLE_MS = DAY_S * 1000;

/** No clock of a host is right to the second; one that is further ahead is wrong. */
export const NEWEST_SAMPLE_MS = 5 * MINUTE_MS;

/** The hour of a time as it stands in keys: `2026-11-27T08`. */
export const hourOf = (at: number): string => new Date(at).toISOString().slice(0, 13);

/** When an hour begins, from its key. */
export const beginOf = (hour: string): number => Date.parse(`${hour}:00:00.000Z`);

/** The hours that a span touches, ascending. */
export const hoursOf = (from: number, to: number): string[] => {
  const first = Math.floor(from / HOUR_MS) * HOUR_MS;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / HOUR_MS) + 1) }, (_, at) =>
    hourOf(first + at * HOUR_MS),
  );
};

/** As many points a chart shows, and no more are answered of a series. */
export const MOST_POINTS = 500;

/** Steps that people read well. */
const STEPS_MS = [15, 30, 60, 300, 900, 3600, 7200, 21_600, 43_200, 86_400, 604_800].map((seconds) => seconds * 1000);

/** How a span of time is best shown: at what resolution it is read, and in which steps told. */
export interface Shown {
  readonly resolution: Resolution;
  readonly stepMs: number;
}

const RAW_SPAN_MS = 6 * HOUR_MS;
const FIVE_MINUTES_SPAN_MS = 8 * 24 * HOUR_MS;

const resolutionOf = (from: number, to: number, now: number): Resolution => {
  const age = (now - from) / 1000;
  const span = to - from;
  if (span <= RAW_SPAN_MS && age < RESOLUTIONS.raw.keptSeconds) return 'raw';
  return span <= FIVE_MINUTES_SPAN_MS && age < RESOLUTIONS['5m'].keptSeconds ? '5m' : '1h';
};

/** @see Shown; a step that somebody asks for is taken where the resolution has it and there are not too many */
export const shownAs = (from: number, to: number, now: number, askedMs = 0): Shown => {
  const resolution = resolutionOf(from, to, now);
  const least = Math.max(askedMs, (to - from) / MOST_POINTS, RESOLUTIONS[resolution].stepMs);
  const stepMs = STEPS_MS.find((step) => step >= least) ?? Math.ceil(least / HOUR_MS) * HOUR_MS;
  return { resolution, stepMs };
};
