import type { MetricName } from './catalog.ts';
import type { Frame } from './frame.ts';
import { isMetric } from './series.ts';

/** What is known of one time, as far as it is news. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly values: readonly Value[];
}

export interface Value {
  readonly subject: string;
  readonly metric: MetricName;
  readonly value: number;
}

/** Of each subject's metrics the time of the last sample that somebody was told, as it is kept. */
export type ToldTimes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * What somebody who takes a series in the order of time alone was told last. The same sample comes twice where a row is read again,
 * or CloudWatch is asked again; what comes later than a newer one of its series would be refused, with all that came beside it.
 */
export class ToldSeries {
  readonly #times: Map<string, Map<string, number>>;

  constructor(times: ToldTimes) {
    this.#times = new Map(Object.entries(times).map(([subject, own]) => [subject, new Map(Object.entries(own))]));
  }

  #isNews(subject: string, metric: string, at: number): boolean {
    return at > (this.#times.get(subject)?.get(metric) ?? Number.NEGATIVE_INFINITY);
  }

  /** What of a frame is news, by its times, ascending. */
  newsIn({ times, columns }: Frame): Moment[] {
    return times.flatMap((at, index) => {
      const values = columns.flatMap(({ subject, metric, values }) => {
        const value = values[index];
        return value !== undefined && isMetric(metric) && this.#isNews(subject, metric, at)
          ? [{ subject, metric, value }]
          : [];
      });
      return values.length === 0 ? [] : [{ at, values }];
    });
  }

  /** These have been told. */
  note({ at, values }: Moment): void {
    for (const { subject, metric } of values) {
      const own = this.#times.get(subject) ?? new Map<string, number>();
      this.#times.set(subject, own.set(metric, at));
    }
  }

  /** What is to be kept: nothing of what has not been told for so long that it is older than all that is still to come. */
  since(oldest: number): ToldTimes {
    const kept = [...this.#times].map(
      ([subject, own]) => [subject, [...own].filter(([, at]) => at >= oldest)] as const,
    );
    return Object.fromEntries(
      kept.flatMap(([subject, own]) => (own.length === 0 ? [] : [[subject, Object.fromEntries(own)]])),
    );
  }
}
