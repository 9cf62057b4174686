import { NotTold } from '../alerting/receivers/webhook.ts';
import { prometheusName } from '../domain/metrics/exposition.ts';
import type { Subject } from '../domain/metrics/labels.ts';
import { BATCHES_KEPT_SECONDS, beginOf, HOUR_MS, hourOf, hoursOf } from '../domain/metrics/retention.ts';
import { type Moment, ToldSeries, type ToldTimes } from '../domain/metrics/told-series.ts';
import type { About, Sample } from '../domain/metrics/write-request.ts';
import { atMost, chunked } from '../runtime/chunks.ts';
import { logger } from '../runtime/powertools.ts';
import * as states from '../store/export-states.ts';
import type { Kept } from '../store/kept-states.ts';
import * as samples from '../store/samples.ts';
import type { RemoteStore } from './remote-store.ts';

/** What a request holds at most: as Prometheus' own `max_samples_per_send` has it. */
const MOST_SAMPLES = 2_000;
/** Sources that are told of at once, or read. */
const AT_ONCE = 8;
/** A source that is told of for the first time is told of from so long before. */
const FIRST_MS = 600_000;
/** What CloudWatch is asked for once an hour lies in rows of hours that are over. */
const REACH_MS = 2 * HOUR_MS;
/** Hours whose last row is remembered: those within reach, and the one that may have begun. */
const HOURS_KEPT = REACH_MS / HOUR_MS + 2;

/** What the store has been told of one source: the last row of each hour, and the last time of each series. */
interface Progress {
  readonly rows: Readonly<Record<string, string>>;
  readonly times: ToldTimes;
}
const NOTHING: Progress = { rows: {}, times: {} };

/** What came of a run. */
export interface Run {
  sent: number;
  /** Samples that the store refused for good. */
  dropped: number;
  /** The oldest hour that is not told of as a whole, where time was up or the store is away. */
  behind?: string;
}

/** What a run goes by. */
export interface Context {
  readonly store: RemoteStore;
  /** By id: what is of none of them is left out. */
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly run: Run;
  readonly isOver: () => boolean;
}

/**
 * Writes samples to the store, as many a request as it takes. What it refuses for good is left out, as the specification wants it.
 * @throws NotTold where it may take them later
 */
export const write = async ({ store, run }: Context, all: readonly Sample[], about?: readonly About[]) => {
  for (const some of chunked(all, MOST_SAMPLES)) {
    try {
      await store.write(some, about);
      run.sent += some.length;
    } catch (error) {
      const isRefusal = error instanceof NotTold && !error.again && (error.status ?? 0) >= 400;
      if (!isRefusal) throw error;
      run.dropped += some.length;
      logger.warn('the store of metrics refused samples for good', { error, samples: some.length, at: some[0]?.at });
    }
  }
};

/** One source as it is told of. */
class Source {
  readonly #id: string;
  readonly #kept: Kept<Progress>;
  readonly #told: ToldSeries;
  readonly #rows: Map<string, string>;
  /** The hour from which on it may have rows that have not been told of. */
  readonly from: string;

  private constructor(id: string, kept: Kept<Progress>, now: number) {
    const { rows, times } = kept.state;
    this.#id = id;
    this.#kept = kept;
    this.#told = new ToldSeries(times);
    this.#rows = new Map(Object.entries(rows));
    const last = Object.keys(rows).toSorted().at(-1);
    const begun = last === undefined ? kept.since - FIRST_MS : beginOf(last) - REACH_MS;
    this.from = hourOf(Math.max(begun, oldestAt(now)));
  }

  static async read(id: string, now: number): Promise<Source> {
    return new Source(id, await states.get(id, NOTHING, now), now);
  }

  /** Tells of what lies in an hour. @returns whether all of it is told */
  async tellHour(context: Context, hour: string): Promise<boolean> {
    for await (const { row, frame } of samples.batchesAfter(this.#id, hour, this.#rows.get(hour))) {
      for (const moment of this.#told.newsIn(frame)) {
        if (context.isOver()) return false;
        await this.#tell(context, moment);
      }
      this.#rows.set(hour, row);
    }
    return true;
  }

  /** One time in each request: a store takes a request as a whole or not at all, and goes by its times. */
  async #tell(context: Context, { at, values }: Moment): Promise<void> {
    for (const some of chunked(values, MOST_SAMPLES)) {
      const known = some.flatMap(({ subject, metric, value }): Sample[] => {
        const labels = context.subjects.get(subject)?.labels;
        return labels === undefined ? [] : [{ name: prometheusName(metric), labels, at, value }];
      });
      await write(context, known);
      this.#told.note({ at, values: some });
    }
  }

  /** Writes down what has been told, and that it is to be told of from now on. */
  async keep(now: number): Promise<void> {
    const hours = [...this.#rows.keys()].toSorted().slice(-HOURS_KEPT);
    const rows = Object.fromEntries([...this.#rows].filter(([hour]) => hours.includes(hour)));
    const next: Progress = { rows, times: this.#told.since(oldestAt(now)) };
    const { version, state } = this.#kept;
    if (version === 0 || JSON.stringify(next) !== JSON.stringify(state)) await states.swap(this.#kept, next, now);
  }
}

const oldestAt = (now: number): number => now - BATCHES_KEPT_SECONDS * 1000;

/** Hour by hour: Prometheus refuses what is an hour older than the newest sample that it has, of whatever source. */
const tellHours = async (context: Context, sources: readonly Source[], now: number): Promise<void> => {
  const first = sources.map(({ from }) => from).toSorted()[0];
  for (const hour of first === undefined ? [] : hoursOf(beginOf(first), now)) {
    context.run.behind = hour;
    const told: boolean[] = [];
    const due = sources.filter(({ from }) => from <= hour);
    await atMost(AT_ONCE, due, async (source) => told.push(await source.tellHour(context, hour)));
    if (told.includes(false)) return;
  }
  delete context.run.behind;
};

/** Tells the store what it has not been told of these sources. @throws NotTold where it is away; what it took is known all the same */
export const tellSources = async (context: Context, ids: readonly string[], now: number): Promise<void> => {
  const sources: Source[] = [];
  await atMost(AT_ONCE, ids, async (id) => sources.push(await Source.read(id, now)));
  try {
    await tellHours(context, sources, now);
  } finally {
    await atMost(AT_ONCE, sources, (source) => source.keep(now));
  }
};
