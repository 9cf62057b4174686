import { byBytes } from './go-text.ts';
import { byLabels, isLabelName, type LabelSet, labelOf, withoutEmpty } from './labels.ts';

/**
 * One alert as Alertmanager 0.25 keeps it. It is known by its labels; who sent it last is right about its annotations. Times
 * are instants as text.
 */
export interface Alert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: string;
  /** When it is over, or when it will be taken to be unless it is heard of before. */
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly updatedAt: string;
  /** Nobody said when it ends: `endsAt` is the resolve timeout's. */
  readonly timeout: boolean;
}

/** An alert as it is sent to API v2. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations?: LabelSet | undefined;
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
  readonly generatorURL?: string | undefined;
}

/** Prometheus and Go send the year 1 where they mean no time. */
const said = (at: string | undefined): string | undefined =>
  at === undefined || at.startsWith('0001-01-01T00:00:00') ? undefined : new Date(at).toISOString();

/** What is kept of an alert that comes in now. */
export const received = (posted: PostedAlert, now: number, resolveTimeoutMs: number): Alert => {
  const endsAt = said(posted.endsAt);
  const updatedAt = new Date(now).toISOString();
  return {
    labels: withoutEmpty(posted.labels),
    annotations: posted.annotations ?? {},
    startsAt: said(posted.startsAt) ?? endsAt ?? updatedAt,
    endsAt: endsAt ?? new Date(now + resolveTimeoutMs).toISOString(),
    generatorURL: posted.generatorURL ?? '',
    updatedAt,
    timeout: endsAt === undefined,
  };
};

const setWrong = (labels: LabelSet): string | undefined => {
  const name = Object.keys(labels).find((each) => !isLabelName(each));
  if (name !== undefined) return `invalid name ${JSON.stringify(name)}`;
  const value = Object.values(labels).find((each) => !each.isWellFormed());
  return value === undefined ? undefined : `invalid value ${JSON.stringify(value)}`;
};

/** Why an alert cannot be kept, in Alertmanager's words; nothing where it can. */
export const alertRefusal = ({ labels, annotations, startsAt, endsAt }: Alert): string | undefined => {
  if (Date.parse(endsAt) < Date.parse(startsAt)) return 'start time must be before end time';
  const wrongLabels = setWrong(labels);
  if (wrongLabels !== undefined) return `invalid label set: ${wrongLabels}`;
  if (Object.keys(labels).length === 0) return 'at least one label pair required';
  const wrongAnnotations = setWrong(annotations);
  return wrongAnnotations && `invalid annotations: ${wrongAnnotations}`;
};

/** Whether it is over. */
export const isResolvedAt = ({ endsAt }: Pick<Alert, 'endsAt'>, at: number): boolean => Date.parse(endsAt) <= at;

const isWithin = (at: string, { startsAt, endsAt }: Alert): boolean =>
  Date.parse(at) > Date.parse(startsAt) && Date.parse(at) < Date.parse(endsAt);

const later = (a: string, b: string): string => (Date.parse(a) > Date.parse(b) ? a : b);
const earlier = (a: string, b: string): string => (Date.parse(a) < Date.parse(b) ? a : b);

const endOf = (older: Alert, younger: Alert, at: number): string => {
  // Of two that are over the later end holds; of one that is not, no end that was a timeout holds against what is said now.
  const holds = isResolvedAt(younger, at) ? isResolvedAt(older, at) : !older.timeout;
  return holds ? later(older.endsAt, younger.endsAt) : younger.endsAt;
};

const joined = (older: Alert, younger: Alert, at: number): Alert => ({
  ...younger,
  startsAt: earlier(older.startsAt, younger.startsAt),
  endsAt: endOf(older, younger, at),
});

/** What is known of an alert once it is heard of again: one with what was known where the two overlap, else the new one alone. */
export const merged = (before: Alert | undefined, incoming: Alert): Alert => {
  if (before === undefined) return incoming;
  if (!isWithin(incoming.endsAt, before) && !isWithin(incoming.startsAt, before)) return incoming;
  const at = Date.parse(incoming.updatedAt);
  return at < Date.parse(before.updatedAt) ? joined(incoming, before, at) : joined(before, incoming, at);
};

const FIRST_BY = ['job', 'instance'] as const;

/** The order in which a group's alerts are told: by job, by instance, then by their labels. */
export const byPlace = ({ labels: a }: Pick<Alert, 'labels'>, { labels: b }: Pick<Alert, 'labels'>): number => {
  const name = FIRST_BY.find((each) => labelOf(a, each) !== labelOf(b, each));
  if (name === undefined) return byLabels(a, b);
  if (!Object.hasOwn(a, name)) return 1;
  return Object.hasOwn(b, name) ? byBytes(labelOf(a, name), labelOf(b, name)) : -1;
};
