import type { Values } from './catalog.ts';
import type { Column, Frame } from './frame.ts';
import type { Subject } from './labels.ts';
import type { HostSample, MetricsReport } from './report.ts';
import { hourOf, NEWEST_SAMPLE_MS, OLDEST_SAMPLE_MS } from './retention.ts';

/** What was seen of one subject, oldest first. */
export interface Reading {
  readonly subject: Subject;
  readonly samples: readonly { readonly at: number; readonly values: Values }[];
}

/** A host's clock may be this far off before its times are moved, and then by whole minutes: a repeat is to be the same samples. */
const SKEW_BORNE_MS = 30_000;
const MINUTE_MS = 60_000;

/** What is to be added to a host's times: nothing but where its clock is wrong. */
const shiftOf = (sentAt: string, arrived: number): number => {
  const skew = arrived - Date.parse(sentAt);
  return Math.abs(skew) <= SKEW_BORNE_MS ? 0 : Math.round(skew / MINUTE_MS) * MINUTE_MS;
};

/** Where the subjects of a report's samples are found: the host itself, and its domains by UUID. */
export interface Place {
  readonly host: Subject;
  readonly domains: ReadonlyMap<string, Subject>;
}

const seenIn = (sample: HostSample, { host, domains }: Place): readonly (readonly [Subject, Values])[] => [
  [host, sample.host],
  ...sample.domains.flatMap(({ uuid, values }) => {
    const subject = domains.get(uuid);
    return subject ? [[subject, values] as const] : [];
  }),
];

/** A host's report by subject, in our time: what is too old to be kept, or of a time that has not come, is left out. */
export const readingsOf = (report: MetricsReport, place: Place, arrived: number): Reading[] => {
  const shift = shiftOf(report.sentAt, arrived);
  const readings = new Map<string, { readonly subject: Subject; readonly samples: Map<number, Values> }>();
  for (const sample of report.samples) {
    const at = Date.parse(sample.at) + shift;
    if (at < arrived - OLDEST_SAMPLE_MS || at > arrived + NEWEST_SAMPLE_MS) continue;
    for (const [subject, values] of seenIn(sample, place)) {
      const reading = readings.get(subject.id) ?? { subject, samples: new Map<number, Values>() };
      readings.set(subject.id, reading);
      reading.samples.set(at, values);
    }
  }
  return [...readings.values()].map(({ subject, samples }) => ({
    subject,
    samples: [...samples].map(([at, values]) => ({ at, values })).sort((a, b) => a.at - b.at),
  }));
};

const columnsOf = (times: readonly number[], { subject, samples }: Reading): Column[] => {
  const byTime = new Map(samples.map(({ at, values }) => [at, values as Readonly<Record<string, number>>]));
  const metrics = new Set(samples.flatMap(({ values }) => Object.keys(values)));
  return [...metrics].map((metric) => ({
    subject: subject.id,
    metric,
    values: times.map((time) => byTime.get(time)?.[metric]),
  }));
};

/** The same as frames, one for each hour. */
export const framesOf = (readings: readonly Reading[]): ReadonlyMap<string, Frame> => {
  const times = [...new Set(readings.flatMap(({ samples }) => samples.map(({ at }) => at)))].sort((a, b) => a - b);
  const byHour = Map.groupBy(times, hourOf);
  return new Map(
    [...byHour].map(([hour, own]) => [
      hour,
      { times: own, columns: readings.flatMap((reading) => columnsOf(own, reading)).filter(isKnown) },
    ]),
  );
};

const isKnown = ({ values }: Column): boolean => values.some((value) => value !== undefined);
