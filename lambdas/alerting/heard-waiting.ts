import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { asHeard } from '../domain/alerts/alert-row.ts';
import { type HeardAlert, heardWhileFlapping } from '../domain/alerts/flapping.ts';
import { alertsToSend } from '../domain/alerts/notify.ts';
import type { Route } from '../domain/alerts/route-tree.ts';
import * as alerts from '../store/alerts.ts';
import type { Integration } from './integrations.ts';
import { routeOfGroup } from './receive-alerts.ts';
import type { Routing } from './routing.ts';
import { suppressionsAt } from './suppression.ts';
import { heardOf, isMutedAt, unknowing } from './tell-group.ts';

/** A group of which a receiver waits to hear, and what it would hear of it now. */
export interface HeardWaiting {
  readonly group: AlertGroup;
  readonly sent: readonly HeardAlert[];
}

/** Of groups that wait for one way: those that it is to hear of, and those that have nothing to say to it any more. */
export interface Waiting {
  readonly heard: readonly HeardWaiting[];
  readonly done: readonly AlertGroup[];
}

const isFree = ({ claim }: AlertGroup, now: number): boolean => claim === undefined || Date.parse(claim.until) <= now;

interface Placed {
  readonly group: AlertGroup;
  readonly route: Route;
  readonly rows: readonly HeardAlert[];
}

/** The groups with their routes; those of another routing, and those that somebody tells of right now, are left out. */
const placed = async (waiting: readonly AlertGroup[], routing: Routing, now: number): Promise<Placed[]> => {
  const free = waiting.filter((group) => group.routing === routing.version && isFree(group, now));
  const read = await alerts.these(routing.project, [...new Set(free.flatMap((group) => group.alerts))]);
  const byFingerprint = new Map(read.map((row) => [row.fingerprint, asHeard(row)]));
  return free.flatMap((group) => {
    const rows = group.alerts.flatMap((fingerprint) => byFingerprint.get(fingerprint) ?? []);
    const route = routeOfGroup(routing, group, rows);
    return route ? [{ group, route, rows: rows.map((row) => heardWhileFlapping(row, route.flapping, now)) }] : [];
  });
};

/** Routes whose time intervals let nothing through now, of these. */
const mutedAmong = async (routes: readonly Route[], routing: Routing, now: number): Promise<ReadonlySet<Route>> => {
  const muted = new Set<Route>();
  for (const route of new Set(routes)) if (await isMutedAt(route, routing, now)) muted.add(route);
  return muted;
};

/** What a receiver would hear now of groups that wait for it, all looked at together. */
export const heardOfWaiting = async (
  waiting: readonly AlertGroup[],
  { key, sendResolved, opensIncidents }: Integration,
  routing: Routing,
  now: number,
): Promise<Waiting> => {
  const all = await placed(waiting, routing, now);
  const suppressions = await suppressionsAt(routing, [...new Set(all.flatMap(({ rows }) => rows))], now);
  const muted = await mutedAmong(
    all.map(({ route }) => route),
    routing,
    now,
  );
  const isAudible = (row: HeardAlert): boolean => {
    const { inhibitedBy, silencedBy } = suppressions(row);
    return inhibitedBy.length + silencedBy.length === 0;
  };
  const looked = all.map(({ group, route, rows }) => {
    const heard = heardOf(muted.has(route) ? [] : rows.filter(isAudible), now);
    const isNews = unknowing(group, route, routing, heard, now).some((each) => each.key === key);
    // What is over closes the incident of its group, which it does by itself.
    const isHeard = heard.firing.size > 0 || (sendResolved && !opensIncidents);
    return { group, sent: isNews && isHeard ? alertsToSend(heard.rows, now, true) : [] };
  });
  return {
    heard: looked.filter(({ sent }) => sent.length > 0),
    done: looked.filter(({ sent }) => sent.length === 0).map(({ group }) => group),
  };
};
