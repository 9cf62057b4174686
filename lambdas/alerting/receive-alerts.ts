import { type Alert, merged } from '../domain/alerts/alert.ts';
import { type AlertGroup, type Grouping, groupIdOf, joined } from '../domain/alerts/alert-group.ts';
import { type AlertRow, heardAgain } from '../domain/alerts/alert-row.ts';
import { fingerprintOf } from '../domain/alerts/labels.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { groupKeyOf, groupLabelsOf, type Route, routesFor } from '../domain/alerts/route-tree.ts';
import { wakeWithin } from '../runtime/alert-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import * as table from '../store/table.ts';
import type { Routing } from './routing.ts';

/** Makes these writes, each by itself; those that another writer came before are refused together. @throws Fault of the first that was refused */
export const writeEach = async (writes: readonly table.Write[]): Promise<void> => {
  const [refused] = (await table.transactEach(writes.map((write) => [write]))).values();
  if (refused) throw refused;
};

/** Each alert once, what came of it in one delivery folded in its order. */
const folded = (incoming: readonly Alert[]): ReadonlyMap<string, Alert> => {
  const byFingerprint = new Map<string, Alert>();
  for (const alert of incoming) {
    const fingerprint = fingerprintOf(alert.labels);
    byFingerprint.set(fingerprint, merged(byFingerprint.get(fingerprint), alert));
  }
  return byFingerprint;
};

/** Keeps alerts as they are now known, with what was known of them, and what they are about where they are the plane's own. */
const keep = (
  { project, config }: Routing,
  incoming: ReadonlyMap<string, Alert>,
  subject: string | undefined,
): Promise<AlertRow[]> =>
  untilWritten(async () => {
    const known = new Map((await alerts.these(project, [...incoming.keys()])).map((row) => [row.fingerprint, row]));
    const rows = [...incoming].map(([fingerprint, alert]): AlertRow => {
      const inhibits = config.inhibitRules.some((rule) => matchesAll(rule.source_matchers, alert.labels));
      const own = subject === undefined ? {} : { own: { subject } };
      return heardAgain(known.get(fingerprint), alert, { fingerprint, project, inhibits, ...own });
    });
    await writeEach(rows.map(alerts.writing));
    return rows;
  });

/** How a route groups alerts with these labels. */
const groupingOf = (route: Route, alert: AlertRow): Grouping => {
  const labels = groupLabelsOf(route, alert.labels);
  const { receiver, groupWaitMs, groupIntervalMs } = route;
  return { groupKey: groupKeyOf(route, labels), receiver, labels, groupWaitMs, groupIntervalMs };
};

/** The route that a group is of; undefined where the routing has none for its alerts any more. */
export const routeOfGroup = (
  { tree }: Pick<Routing, 'tree'>,
  group: Pick<AlertGroup, 'id'>,
  rows: readonly AlertRow[],
): Route | undefined =>
  rows
    .slice(0, 1)
    .flatMap((row) => routesFor(tree, row.labels).map((route) => ({ route, id: groupIdOf(groupingOf(route, row)) })))
    .find(({ id }) => id === group.id)?.route;

/** The groups that alerts belong to, each with its alerts, by the groups' ids. */
export const placesOf = ({ tree }: Pick<Routing, 'tree'>, rows: readonly AlertRow[]) => {
  const places = new Map<string, { readonly grouping: Grouping; readonly rows: AlertRow[] }>();
  for (const row of rows) {
    for (const route of routesFor(tree, row.labels)) {
      const grouping = groupingOf(route, row);
      const id = groupIdOf(grouping);
      const place = places.get(id) ?? { grouping, rows: [] };
      place.rows.push(row);
      places.set(id, place);
    }
  }
  return places;
};

/** Puts alerts into their groups, and lets those be told of that are due. */
export const dispatch = async (routing: Routing, rows: readonly AlertRow[], now: number): Promise<void> => {
  const { project, version } = routing;
  const places = placesOf(routing, rows);
  const changed = await untilWritten(async () => {
    const known = await groups.these([...places.keys()].map((id) => ({ project, id })));
    const after = [...places].flatMap(([id, { grouping, rows: coming }]): AlertGroup[] => {
      const came = coming.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt: Date.parse(startsAt) }));
      const group = joined(known.get(id), { project, routing: version }, grouping, came, now);
      return group ? [group] : [];
    });
    await writeEach(after.map(groups.writing));
    return after;
  });
  await wakeWithin(changed, now);
};

/**
 * Takes alerts in: keeps them, puts them into the groups of their routes, and lets those be told of in their time. The plane's
 * own have a subject, by whose rows they are ended.
 */
export const receiveAlerts = async (
  routing: Routing,
  incoming: readonly Alert[],
  now: number,
  subject?: string,
): Promise<void> => {
  const rows = await keep(routing, folded(incoming), subject);
  await dispatch(routing, rows, now);
};
