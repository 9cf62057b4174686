import type { Host } from '../domain/host.ts';
import { framesOf, type Reading, readingsOf } from '../domain/metrics/batch.ts';
import type { MetricsReport } from '../domain/metrics/report.ts';
import { hourOf } from '../domain/metrics/retention.ts';
import * as samples from '../store/samples.ts';
import { guestsOf } from './guests-of-host.ts';

/** The hour for which each source's note was written by this function: it stands until the hour is over. */
const noted = new Map<string, string>();

const note = async (source: string, hour: string, now: number): Promise<void> => {
  const isOver = hour !== hourOf(now);
  if (!isOver && noted.get(source) === hour) return;
  await samples.markDue(source, hour, now);
  if (!isOver) noted.set(source, hour);
};

/**
 * Writes down what was seen, each hour by itself. To do so again is harmless.
 * @param asked when a source was asked that is asked for the same time more than once: what it said later is right
 */
export const keepReadings = async (
  source: string,
  readings: readonly Reading[],
  now: number,
  asked?: number,
): Promise<void> => {
  for (const [hour, frame] of framesOf(readings)) {
    await samples.writeBatch(source, hour, frame, asked);
    await note(source, hour, now);
  }
};

/** Takes in what a host has measured. @returns it by subject; what is of no VM that the plane knows is left out */
export const takeSamples = async (host: Host, report: MetricsReport, now: number): Promise<readonly Reading[]> => {
  const uuids = new Set(report.samples.flatMap(({ domains }) => domains.map(({ uuid }) => uuid)));
  const readings = readingsOf(report, await guestsOf(host, [...uuids], now), now);
  await keepReadings(host.id, readings, now);
  return readings;
};
