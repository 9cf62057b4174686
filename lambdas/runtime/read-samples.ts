import type { Frame } from '../domain/metrics/frame.ts';
import { type Latest, latestOf } from '../domain/metrics/latest.ts';
import {
  BATCHES_KEPT_SECONDS,
  beginOf,
  HOUR_MS,
  hourOf,
  hoursOf,
  RESOLUTIONS,
  type Shown,
} from '../domain/metrics/retention.ts';
import { mergedSeries, type Series, seriesOf, stepped, unrolled } from '../domain/metrics/series.ts';
import { currentMsOf } from '../domain/metrics/sources.ts';
import * as samples from '../store/samples.ts';
import { atMost } from './chunks.ts';

/** Whose samples are asked for, and who sent them last. */
export interface Asked {
  readonly subject: string;
  readonly source?: string | undefined;
  readonly metrics?: readonly string[] | undefined;
}

/** Partitions that are read at once. */
const AT_ONCE = 8;

type Wanted = (subject: string, metric: string) => boolean;

const isMetricWanted = ({ metrics }: Asked, metric: string): boolean =>
  metrics === undefined || metrics.includes(metric);

/** What lies as it came, of those hours that are not put together yet. */
const batchesOf = async (asked: Asked, hours: readonly string[], now: number): Promise<Frame[]> => {
  const { source, subject } = asked;
  if (source === undefined) return [];
  const wanted: Wanted = (of, metric) => of === subject && isMetricWanted(asked, metric);
  const kept = hours.filter((hour) => beginOf(hour) + HOUR_MS + BATCHES_KEPT_SECONDS * 1000 > now);
  const found: Frame[] = [];
  await atMost(AT_ONCE, kept, async (hour) => found.push(...(await samples.batches(source, hour, wanted))));
  return found;
};

/** At other resolutions than the finest, hours that are not put together are the last ones. */
const FRESH_HOURS = 3;

/** A subject's series over a span, in the steps of this reading. */
export const readSeries = async (
  asked: Asked,
  { from, to }: { readonly from: number; readonly to: number },
  { resolution, stepMs }: Shown,
  now: number,
): Promise<Series> => {
  const hours = hoursOf(from, to);
  const [first = hourOf(from)] = hours;
  const wanted: Wanted = (_, metric) => isMetricWanted(asked, metric);
  const together = await samples.hoursOfSubject(asked.subject, resolution, [first, hourOf(to)], wanted);
  const isRaw = resolution === 'raw';
  const fresh = isRaw ? hours : hours.filter((hour) => beginOf(hour) > now - FRESH_HOURS * HOUR_MS);
  const apart = seriesOf(
    await batchesOf(
      asked,
      fresh.filter((hour) => !together.has(hour)),
      now,
    ),
  );
  const frames = [...together.values()];
  const all = mergedSeries(isRaw ? seriesOf(frames) : unrolled(frames), apart);
  const within = ({ at }: { readonly at: number }): boolean =>
    at >= from - (isRaw ? 0 : RESOLUTIONS[resolution].stepMs) && at <= to;
  return new Map([...all].map(([metric, points]) => [metric, stepped(points.filter(within), stepMs)]));
};

/** Hosts that are measured each 15 s send as many batches a minute, and some more after an outage. */
const LAST_BATCHES = 8;

/** What is known now of all that these sources measure, as the mean over so long; of a source that is slower its last sample. */
export const readLatest = async (
  sources: readonly string[],
  overMs: number,
  now: number,
): Promise<ReadonlyMap<string, Latest>> => {
  const found = new Map<string, Latest>();
  await atMost(AT_ONCE, sources, async (source) => {
    const since = now - Math.max(overMs, currentMsOf(source));
    const frames: Frame[] = [];
    for (const hour of hoursOf(since, now)) frames.push(...(await samples.lastBatches(source, hour, LAST_BATCHES)));
    for (const [subject, latest] of latestOf(frames, since, overMs)) found.set(subject, latest);
  });
  return found;
};
