import { createHash } from 'node:crypto';
import type { LabelSet } from './labels.ts';
import type { Notified } from './notify.ts';

/**
 * Alerts that are told of together, and what each of their receivers was told last: Alertmanager's aggregation group and its
 * notification log in one row. What changes it in time is here; what is told is notify.ts.
 */

/** That a receiver did not take a word: why, and until when it asks to be left alone (an Instant), where it does. */
export interface Failed {
  readonly why: string;
  readonly notBefore?: string;
}

/** That a receiver cannot be told of a group, since an Instant. */
export interface Failing extends Failed {
  readonly since: string;
}

/** What a digest says of a group, which is remembered once the receiver has taken it. */
export interface InDigest {
  readonly number: number;
  /** The moment of which it tells: an Instant. */
  readonly at: string;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** That a receiver waits to hear of a group, since an Instant. */
interface Held {
  readonly since: string;
  /** The digest that is telling of it, and what. */
  readonly digest?: InDigest;
}

/** The row of a group. */
export interface AlertGroup {
  readonly id: string;
  readonly project: string;
  /** Alertmanager's: the route's matchers and the group's labels. */
  readonly groupKey: string;
  readonly receiver: string;
  readonly labels: LabelSet;
  /** Fingerprints of its alerts, sorted. */
  readonly alerts: readonly string[];
  /** When it is next to be told of: an Instant; absent while it has no alerts. */
  readonly nextAt?: string;
  /** Whether it was told of, or would have been, since it last had no alerts. */
  readonly isFlushed: boolean;
  /** Milliseconds between two words about it, where there is something to say. */
  readonly groupIntervalMs: number;
  /** The version of the project's routing that it was made by. */
  readonly routing: number;
  /** By integration, as `Integration.key` names it. */
  readonly told: Readonly<Record<string, Notified>>;
  /** Receivers that did not take the last word, by integration. */
  readonly failing?: Readonly<Record<string, Failing>>;
  /** Receivers that wait to hear of it, having been told enough, by integration. */
  readonly held?: Readonly<Record<string, Held>>;
  /** Who tells of it, while somebody does, and until when nobody else does: an Instant. Two claims are never alike. */
  readonly claim?: { readonly by: string; readonly until: string };
  /** After which the row may go: what was told is forgotten five days after the last word, as Alertmanager's log is. */
  readonly keptUntil: string;
  readonly version: number;
}

/** What of a route a group is made by. */
export interface Grouping {
  readonly groupKey: string;
  readonly receiver: string;
  readonly labels: LabelSet;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
}

const KEPT_MS = 5 * 86_400_000;

const instant = (at: number): string => new Date(at).toISOString();

/** The same group of the same project, whenever it is made. Two routes of one key are two where their receivers are. */
export const groupIdOf = ({ groupKey, receiver }: Pick<Grouping, 'groupKey' | 'receiver'>): string =>
  `agr-${createHash('sha256').update(`${groupKey}\n${receiver}`).digest('hex').slice(0, 32)}`;

/** An alert that comes to a group. */
interface Coming {
  readonly fingerprint: string;
  /** ms since the epoch. */
  readonly startsAt: number;
}

const emptyGroup = (project: string, routing: number, grouping: Grouping, now: number) => ({
  id: groupIdOf(grouping),
  project,
  groupKey: grouping.groupKey,
  receiver: grouping.receiver,
  labels: grouping.labels,
  groupIntervalMs: grouping.groupIntervalMs,
  alerts: [],
  isFlushed: false,
  routing,
  told: {},
  keptUntil: instant(now + KEPT_MS),
  version: 0,
});

/** A group that is told of for the first time waits for others that come with its first alert, but not once that is older than the wait. */
const firstFlushAt = (
  { groupWaitMs }: Grouping,
  coming: readonly Coming[],
  planned: number | undefined,
  now: number,
) => {
  const isOver = coming.some(({ startsAt }) => startsAt + groupWaitMs < now);
  return isOver ? now : (planned ?? now + groupWaitMs);
};

/**
 * The group once these alerts are in it, at the same version; undefined where they are all in it and nothing is to be hurried.
 * dispatch.go (Alertmanager 0.25), `processAlert` and `aggrGroup.insert`.
 */
export const joined = (
  before: AlertGroup | undefined,
  { project, routing }: Pick<AlertGroup, 'project' | 'routing'>,
  grouping: Grouping,
  coming: readonly Coming[],
  now: number,
): AlertGroup | undefined => {
  const isKnown = before !== undefined && before.alerts.length > 0 && before.routing === routing;
  // What was told, and what a digest is telling, outlasts both its alerts and a new routing.
  const { told = {}, held, version = 0 }: Partial<AlertGroup> = before ?? {};
  const group: AlertGroup = isKnown
    ? before
    : { ...emptyGroup(project, routing, grouping, now), told, ...(held ? { held } : {}), version };
  const alerts = [...new Set([...group.alerts, ...coming.map(({ fingerprint }) => fingerprint)])].sort();
  const planned = group.nextAt === undefined ? undefined : Date.parse(group.nextAt);
  const nextAt = group.isFlushed ? group.nextAt : instant(firstFlushAt(grouping, coming, planned, now));
  if (isKnown && alerts.length === group.alerts.length && nextAt === group.nextAt) return undefined;
  return { ...group, alerts, ...(nextAt === undefined ? {} : { nextAt }) };
};

/** What a flush came to. */
export interface Flushed {
  /** ms since the epoch. */
  readonly at: number;
  /** Alerts that are over and need no further word. */
  readonly over: readonly string[];
  /** What receivers were told, by integration; those that heard nothing new are left out. */
  readonly told: Readonly<Record<string, Notified>>;
  /** Of receivers that did not take it, by integration. */
  readonly failed: Readonly<Record<string, Failed>>;
  /** Receivers that are held back from it, by integration. */
  readonly held?: readonly string[];
  /** When it is to be tried again because a receiver did not take it, where that is before the next interval. */
  readonly againAt?: number;
}

/** The moments of a group's flushes are an interval apart, however late one was. */
const followingAt = ({ nextAt, groupIntervalMs }: AlertGroup, at: number): number => {
  const planned = (nextAt === undefined ? at : Date.parse(nextAt)) + groupIntervalMs;
  return planned > at ? planned : at + groupIntervalMs;
};

/** Whoever did not take this word does so since the first that it did not take in a row. */
const failingAfter = (
  { failing = {} }: AlertGroup,
  { at, failed, held = [] }: Flushed,
): Pick<AlertGroup, 'failing'> => {
  const all = Object.entries(failed).map(([key, each]) => [
    key,
    { ...each, since: failing[key]?.since ?? instant(at) },
  ]);
  // Whoever is held back was not asked.
  const still = held.flatMap((key) => (failing[key] ? [[key, failing[key]]] : []));
  return all.length + still.length === 0 ? {} : { failing: Object.fromEntries([...still, ...all]) };
};

/** Whoever was held back is so no more unless by this flush; what a digest is telling is that digest's to end. */
const heldAfter = ({ held = {} }: AlertGroup, { held: kept = [] }: Flushed): Pick<AlertGroup, 'held'> => {
  const all = Object.entries(held).filter(([key, { digest }]) => digest !== undefined || kept.includes(key));
  return all.length === 0 ? {} : { held: Object.fromEntries(all) };
};

/** The group after a flush, whatever has joined it meanwhile, at the same version. dispatch.go (Alertmanager 0.25), `aggrGroup.run` and `flush`. */
export const afterFlush = (group: AlertGroup, flushed: Flushed): AlertGroup => {
  const { at, over, told, againAt } = flushed;
  const { nextAt: _, claim: __, failing: ___, held: ____, ...rest } = group;
  const gone = new Set(over);
  const alerts = group.alerts.filter((fingerprint) => !gone.has(fingerprint));
  const kept = {
    ...rest,
    ...failingAfter(group, flushed),
    ...heldAfter(group, flushed),
    alerts,
    told: { ...group.told, ...told },
    keptUntil: instant(at + KEPT_MS),
  };
  if (alerts.length === 0) return { ...kept, isFlushed: false };
  return { ...kept, isFlushed: true, nextAt: instant(Math.min(followingAt(group, at), againAt ?? Infinity)) };
};

/**
 * The group of a receiver that owes it a word, due now, also where it asked to be left alone until later, at the same version;
 * undefined where it owes none.
 */
export const triedAgain = (group: AlertGroup, receiver: string, now: number): AlertGroup | undefined => {
  const { failing, alerts, nextAt } = group;
  if (group.receiver !== receiver || failing === undefined || alerts.length === 0) return undefined;
  const asked = Object.entries(failing).map(([key, { why, since }]) => [key, { why, since }]);
  const at = Math.min(nextAt === undefined ? now : Date.parse(nextAt), now);
  return { ...group, failing: Object.fromEntries(asked), nextAt: instant(at) };
};

/** Longer than the function that tells may run. */
export const CLAIM_MS = 45_000;

/** The group while somebody tells of it, at the same version. */
export const claimed = (group: AlertGroup, by: string, now: number): AlertGroup => ({
  ...group,
  claim: { by, until: instant(now + CLAIM_MS) },
});

/** Whether it is to be told of now, and nobody does so. */
export const isDue = ({ alerts, nextAt, claim }: AlertGroup, now: number): boolean =>
  alerts.length > 0 &&
  nextAt !== undefined &&
  Date.parse(nextAt) <= now &&
  (claim === undefined || Date.parse(claim.until) <= now);

/** The group without its alerts, where they are in others now: what was told stays. */
export const emptied = ({ nextAt: _, ...group }: AlertGroup): AlertGroup => ({
  ...group,
  alerts: [],
  isFlushed: false,
});

/** What is due at a moment: a group, again and again, or a digest of groups. */
export type Timed = Pick<AlertGroup, 'id' | 'project' | 'nextAt'> & Partial<Pick<AlertGroup, 'groupIntervalMs'>>;

/** Timers count in seconds. */
const SECOND_MS = 1_000;

/** When a group is to be told of until then, ms since the epoch each; what is overdue counts once. */
export const flushesUntil = ({ nextAt, groupIntervalMs = Infinity }: Timed, now: number, until: number): number[] => {
  if (nextAt === undefined) return [];
  const first = Date.parse(nextAt);
  const moments: number[] = [];
  const step = Math.max(groupIntervalMs, SECOND_MS);
  for (let at = first; at <= until; at = Math.max(at, now) + step) moments.push(at);
  return moments;
};
