import { compacted } from '../domain/metrics/compaction.ts';
import { beginOf, HOUR_MS, hourOf, RESOLUTIONS, type Resolution } from '../domain/metrics/retention.ts';
import { settledMsOf } from '../domain/metrics/sources.ts';
import { atMost } from '../runtime/chunks.ts';
import { logger } from '../runtime/powertools.ts';
import * as samples from '../store/samples.ts';

/** Subjects whose rows are written at once. */
const AT_ONCE = 8;

// The names of this very record.
const ALL = Object.keys(RESOLUTIONS) as Resolution[];

const compact = async (due: samples.DueHour): Promise<void> => {
  const { source, hour } = due;
  const subjects = compacted(await samples.batches(source, hour));
  await atMost(AT_ONCE, subjects, async ({ subject, frames }) => {
    for (const resolution of ALL) await samples.writeHour(subject, resolution, hour, frames[resolution]);
  });
  await samples.unmarkDue(due);
};

/** Puts hours that are over together: each subject's in one row at each resolution. What is not done is done by the next run. */
export const compactSamples = async (now: number): Promise<number> => {
  let done = 0;
  for await (const due of samples.due(hourOf(now - HOUR_MS))) {
    if (beginOf(due.hour) + HOUR_MS + settledMsOf(due.source) > now) continue;
    await compact(due);
    done += 1;
  }
  if (done > 0) logger.info('hours of samples are put together', { hours: done });
  return done;
};

/** Each ten minutes. */
export const handler = async (): Promise<void> => {
  await compactSamples(Date.now());
};
