import type { Host } from '../host.ts';
import { DEFAULT_PROJECT } from '../ids.ts';
import { projectOption } from '../project.ts';
import { annotated, type Condition, isAnother, namesText } from './condition.ts';

/** What the row of a host says of alerts about it. */

/** Its guests are quiet while it fires: a dead host is one alert. */
export const HOST_UNREACHABLE = 'HostUnreachable';

/** A pool is full with less than this share free, and is no more once twice as much is: what moves about one mark is no news. */
const FULL = 0.05;

/** Names of the VMs on a host that whoever is told may know of, and how many others are there. */
export interface Guests {
  readonly project: string;
  readonly names: readonly string[];
  readonly others: number;
}

const guestsText = ({ names, others }: Guests): string => {
  const own = names.length === 0 ? 'No VM of this project is on it' : `On it: ${namesText(names)}`;
  return others === 0 ? `${own}.` : `${own}; and ${others} of other projects.`;
};

const labelled = (alertname: string, { id, name }: Host, severity: string): Condition['labels'] => ({
  alertname,
  host: name,
  host_id: id,
  provider: 'kvm',
  severity,
});

const silenceOf = ({ state }: Host): Condition['verdict'] => {
  if (state === 'unreachable') return 'holds';
  return state === 'enrolling' ? 'unknown' : 'over';
};

const unreachable = (host: Host, guests: Guests): Condition => ({
  labels: labelled(HOST_UNREACHABLE, host, 'critical'),
  verdict: silenceOf(host),
  since: host.changedAt,
  annotations: annotated(
    `Host ${host.name} is unreachable`,
    [
      host.reason ?? 'It has not spoken for 35 seconds.',
      guestsText(guests),
      'Alerts about these VMs are quiet while it is so. Nothing is restarted elsewhere.',
      `What is known of it: novacron host get ${host.id}`,
    ],
    'host-unreachable',
  ),
});

const fillingOf = ({ facts, state }: Host): Condition['verdict'] => {
  if (facts === undefined || state === 'retired') return 'over';
  const share = facts.pool.freeGiB / Math.max(facts.pool.sizeGiB, 1);
  if (share < FULL) return 'holds';
  return share < 2 * FULL ? 'unknown' : 'over';
};

const poolFull = (host: Host, guests: Guests): Condition => {
  const { freeGiB = 0, sizeGiB = 0, path = '' } = host.facts?.pool ?? {};
  return {
    labels: labelled('PoolFull', host, 'warning'),
    verdict: fillingOf(host),
    since: host.changedAt,
    annotations: annotated(
      `The pool of host ${host.name} is nearly full`,
      [
        `${freeGiB.toFixed(1)} of ${sizeGiB.toFixed(0)} GiB are free in ${path}. A guest that finds no room is paused.`,
        guestsText(guests),
        `What lies there: novacron vm list --filter host=${host.id}${projectOption(guests.project)}`,
      ],
      'pool-full',
    ),
  };
};

/** Those about a host, as a project is told of them. */
export const hostConditions = (host: Host, guests: Guests): Condition[] => [
  unreachable(host, guests),
  poolFull(host, guests),
];

const NOBODY: Guests = { project: DEFAULT_PROJECT, names: [], others: 0 };

/** Whether a change of a host's row is one that alerts are to hear of. */
export const isHostAlerting = (before: Host | undefined, after: Host | undefined): boolean => {
  const conditions = (host: Host | undefined): Condition[] => (host ? hostConditions(host, NOBODY) : []);
  return isAnother(conditions(before), conditions(after));
};
