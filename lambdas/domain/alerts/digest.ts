import { byPlace, isResolvedAt } from './alert.ts';
import type { AlertGroup, InDigest } from './alert-group.ts';
import type { AlertRow } from './alert-row.ts';
import { durationText } from './durations.ts';
import type { Allowance, RateLimit, Telling } from './rate-limit.ts';
import { SEVERITIES, severityOf } from './severity.ts';
import type { Digest } from './storm.ts';

/** What a digest says: of which alerts, the worst first, and in which words. */

/** A group of which a digest tells, and what it says of it. */
export interface Said {
  readonly group: AlertGroup;
  readonly digest: InDigest;
}

/** An alert as the digest says it, whatever has become of it since. */
const asSaid = (row: AlertRow, isFiring: boolean, at: number): AlertRow => {
  if (isResolvedAt(row, at) !== isFiring) return row;
  return { ...row, endsAt: new Date(isFiring ? at + 1 : at).toISOString() };
};

const rankOf = (alert: AlertRow, at: number): number =>
  isResolvedAt(alert, at) ? SEVERITIES.length : SEVERITIES.indexOf(severityOf(alert));

const worstFirst =
  (at: number) =>
  (a: AlertRow, b: AlertRow): number =>
    rankOf(a, at) - rankOf(b, at) || Date.parse(a.startsAt) - Date.parse(b.startsAt) || byPlace(a, b);

/** The alerts of a digest, each once: critical ones first, then those that fire the longest, and what is over last. */
export const alertsOfDigest = (
  said: readonly Said[],
  rows: readonly AlertRow[],
  sendResolved: boolean,
  at: number,
): AlertRow[] => {
  const firing = new Set(said.flatMap(({ digest }) => digest.firing));
  const resolved = new Set(sendResolved ? said.flatMap(({ digest }) => digest.resolved) : []);
  return rows
    .filter(({ fingerprint }) => firing.has(fingerprint) || resolved.has(fingerprint))
    .map((row) => asSaid(row, firing.has(row.fingerprint), at))
    .sort(worstFirst(at));
};

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

const saidOf = (said: readonly Said[], alerts: readonly AlertRow[], at: number): string => {
  const firing = alerts.filter((alert) => !isResolvedAt(alert, at));
  const critical = firing.filter((alert) => severityOf(alert) === 'critical').length;
  const fire = said.filter(({ digest }) => digest.firing.length > 0).length;
  const groups = `${counted(said.length, 'group')}, of which ${fire} fire and ${said.length - fire} are over`;
  return `${groups}: ${counted(firing.length, 'alert')} firing, ${critical} of them critical, and ${alerts.length - firing.length} over`;
};

/** All digests of a way are known to its receiver as one group. */
const groupOf = ({ id, project, receiver, key, keptUntil }: Allowance): Omit<AlertGroup, 'labels' | 'version'> => ({
  id,
  project,
  receiver,
  groupKey: `{}:{digest=${JSON.stringify(key)}}`,
  alerts: [],
  isFlushed: true,
  groupIntervalMs: 0,
  routing: 0,
  told: {},
  keptUntil,
});

/** The same once nothing of it fires any more. */
export const endOfDigests = (allowance: Allowance): AlertGroup => ({
  ...groupOf(allowance),
  labels: { digest: 'groups of alerts' },
  version: allowance.digests,
});

/** The group of all alerts of a digest, in its words. */
export const digestOf = (
  allowance: Allowance,
  { number }: Pick<Telling, 'number'>,
  { notifications, perMs }: RateLimit,
  said: readonly Said[],
  alerts: readonly AlertRow[],
  at: number,
): Digest => ({
  ...groupOf(allowance),
  labels: { digest: `${counted(said.length, 'group')} of alerts` },
  alerts: alerts.map(({ fingerprint }) => fingerprint),
  version: number,
  digest: {
    said: saidOf(said, alerts, at),
    why: `They came together because ${allowance.receiver} takes ${counted(notifications, 'notification')} in ${durationText(perMs)}; what changes of each is told as usual.`,
  },
});
