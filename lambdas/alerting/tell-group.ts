import { randomUUID } from 'node:crypto';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import {
  type AlertGroup,
  afterFlush,
  claimed,
  emptied,
  type Failed,
  type Flushed,
  isDue,
} from '../domain/alerts/alert-group.ts';
import { type AlertRow, asHeard, isAcknowledgedAt } from '../domain/alerts/alert-row.ts';
import { type HeardAlert, heardWhileFlapping } from '../domain/alerts/flapping.ts';
import { heldFor, isBeingTold } from '../domain/alerts/held-back.ts';
import { alertHash, alertsToSend, type Notified, needsUpdate } from '../domain/alerts/notify.ts';
import type { RateLimit } from '../domain/alerts/rate-limit.ts';
import { logger } from '../runtime/powertools.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import * as routings from '../store/routing.ts';
import * as table from '../store/table.ts';
import { dispatched, hushed } from './groups-at-once.ts';
import { isHeldBack, withDigestsTold } from './hold-back.ts';
import { type Integration, integrationsOf } from './integrations.ts';
import { routeOfGroup } from './receive-alerts.ts';
import { tellOfDown } from './receiver-down.ts';
import type { Taken } from './receivers/texts.ts';
import { NotTold } from './receivers/webhook.ts';
import { type Routing, routingOf } from './routing.ts';

/** A receiver that did not answer is told again after this time, at the latest with the group's next interval. */
const AGAIN_MS = 30_000;

/** What is remembered of texts that could not be filled in. */
const LONGEST_WRONG = 500;

/** What comes of telling nothing. */
const NOTHING: Taken = { wrong: [] };

type Route = NonNullable<ReturnType<typeof routeOfGroup>>;

/** Whether the route's time intervals let nothing through at a moment. */
export const isMutedAt = async (
  { muteTimeIntervals, activeTimeIntervals }: Route,
  { config }: Routing,
  now: number,
): Promise<boolean> => {
  if (muteTimeIntervals.length + activeTimeIntervals.length === 0) return false;
  const { isWithin } = await import('#zoned-times');
  const within = (names: readonly string[]): boolean =>
    names.some((name) => isWithin(config.timeIntervals[name] ?? [], now));
  return within(muteTimeIntervals) || (activeTimeIntervals.length > 0 && !within(activeTimeIntervals));
};

/** The alerts of a group that are told now: none while its route is muted, and none that is silenced or inhibited. */
const audible = async (
  route: Route,
  routing: Routing,
  rows: readonly HeardAlert[],
  now: number,
): Promise<HeardAlert[]> => {
  const all = await hushed({ routing, rows, now });
  const unhindered = all.filter(({ inhibitedBy }) => inhibitedBy.length === 0);
  if (unhindered.length === 0 || (await isMutedAt(route, routing, now))) return [];
  return unhindered.filter(({ silencedBy }) => silencedBy.length === 0).map(({ row }) => row);
};

/** What a group is at this flush, as its receivers would hear it. */
export interface Heard {
  readonly rows: readonly HeardAlert[];
  /** What they are remembered by. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
}

export const heardOf = (rows: readonly HeardAlert[], now: number): Heard => {
  const hashes = (isResolved: boolean) => rows.filter((row) => isResolvedAt(row, now) === isResolved).map(alertHash);
  return { rows, firing: new Set(hashes(false)), resolved: new Set(hashes(true)) };
};

/** Nobody is reminded of what somebody has taken on, all of it; what is new is told all the same. */
const repeatAfter = ({ repeatIntervalMs }: Route, { rows }: Heard, now: number): number => {
  const firing = rows.filter((row) => !isResolvedAt(row, now));
  return firing.length > 0 && firing.every((row) => isAcknowledgedAt(row, now))
    ? Number.POSITIVE_INFINITY
    : repeatIntervalMs;
};

/** The receivers that do not know yet what is heard of a group. */
export const unknowing = (
  group: AlertGroup,
  route: Route,
  routing: Routing,
  heard: Heard,
  now: number,
): Integration[] => {
  if (heard.rows.length === 0) return [];
  const { firing, resolved } = heard;
  const repeatMs = repeatAfter(route, heard, now);
  return integrationsOf(routing, group.receiver).filter(({ key, sendResolved }) =>
    needsUpdate(group.told[key], firing, resolved, repeatMs, now, sendResolved),
  );
};

/** What came of telling one receiver: what it knows now, that it is held back, or that it did not take it, and when it may yet (ms since the epoch). */
type Outcome = { readonly told: Notified } | { readonly isHeld: true } | (Failed & { readonly againAt?: number });

/** Nobody is asked again before the moment until which he wants to be left alone. */
const leftAlone = ({ failing = {} }: AlertGroup, key: string, now: number): Outcome | undefined => {
  const { why, notBefore } = failing[key] ?? {};
  if (why === undefined || notBefore === undefined || Date.parse(notBefore) <= now) return undefined;
  return { why, notBefore, againAt: Date.parse(notBefore) };
};

export const notTold = (error: unknown, now: number): Failed & { readonly againAt?: number } => {
  // What is no receiver's own word is the plane's matter, and may pass.
  if (!(error instanceof NotTold)) return { why: 'the queue of its channel did not take it', againAt: now + AGAIN_MS };
  const { message: why, again, afterMs } = error;
  if (!again) return { why };
  if (afterMs === undefined) return { why, againAt: now + AGAIN_MS };
  const againAt = now + Math.max(afterMs, AGAIN_MS);
  return { why, againAt, notBefore: new Date(againAt).toISOString() };
};

/** The limit of a way for what is heard: whoever closes an incident disturbs nobody. */
const limitFor = ({ limit, opensIncidents }: Integration, { firing }: Heard): RateLimit | undefined =>
  opensIncidents && firing.size === 0 ? undefined : limit;

const tellOne = async (integration: Integration, group: AlertGroup, heard: Heard, now: number): Promise<Outcome> => {
  const { key, sendResolved, tell } = integration;
  const { rows, firing, resolved } = heard;
  const limit = limitFor(integration, heard);
  // One that hears of nothing that is over is told nothing then, and is known to have been told all the same.
  const sent = firing.size === 0 && !sendResolved ? [] : alertsToSend(rows, now, sendResolved);
  try {
    if (limit && sent.length > 0 && (await isHeldBack({ ...group, key }, limit, sent, now))) return { isHeld: true };
    const { thread, wrong } = sent.length > 0 ? await tell(group, sent, now) : NOTHING;
    const told = { firing: [...firing], resolved: [...resolved], at: new Date(now).toISOString() };
    const textsWrong = wrong.join('; ').slice(0, LONGEST_WRONG);
    return { told: { ...told, ...(thread ? { thread } : {}), ...(textsWrong === '' ? {} : { textsWrong }) } };
  } catch (error) {
    logger.warn('a receiver was not told', { error, group: group.id, receiver: key });
    return notTold(error, now);
  }
};

/** Tells receivers; one that is away keeps no other from hearing. */
const tellEach = async (integrations: readonly Integration[], group: AlertGroup, heard: Heard, now: number) => {
  const outcomes = await Promise.all(
    integrations.map(async (each) => {
      const outcome = leftAlone(group, each.key, now) ?? (await tellOne(each, group, heard, now));
      return [each.key, outcome] as const;
    }),
  );
  const failed = outcomes.flatMap(([key, so]) => ('why' in so ? [[key, so] as const] : []));
  return {
    told: Object.fromEntries(outcomes.flatMap(([key, so]) => ('told' in so ? [[key, so.told]] : []))),
    failed: Object.fromEntries(failed.map(([key, { againAt: _, ...so }]) => [key, so])),
    held: outcomes.flatMap(([key, so]) => ('isHeld' in so ? [key] : [])),
    againAt: Math.min(...failed.map(([, { againAt = Infinity }]) => againAt)),
  };
};

/** One that came in again since it was read is not over. */
const stillOver = async (project: string, over: readonly string[], read: readonly AlertRow[]): Promise<string[]> => {
  const versions = new Map(read.map(({ fingerprint, version }) => [fingerprint, version]));
  const now = await alerts.theseTogether(project, over);
  const changed = new Set(
    now.filter((row) => row.version !== versions.get(row.fingerprint)).map((row) => row.fingerprint),
  );
  return over.filter((fingerprint) => !changed.has(fingerprint));
};

/**
 * Writes down what a flush came to, whatever has joined the group since it was known: that it has, its version says.
 * @returns the group as it is now, where it still is
 */
const record = (known: AlertGroup, flushed: Flushed, read: readonly AlertRow[]): Promise<AlertGroup | undefined> => {
  let isRead = true;
  return untilWritten(async () => {
    const group = isRead ? known : await groups.findTogether(known);
    isRead = false;
    if (group === undefined) return undefined;
    const over = await stillOver(group.project, flushed.over, read);
    const after = afterFlush(group, { ...flushed, over });
    await groups.saveTogether(after);
    return after;
  });
};

/** Puts the alerts of a group that another routing made into the groups of this one. */
const moved = async (at: groups.GroupAt, rows: readonly AlertRow[], routing: Routing, now: number): Promise<void> => {
  await dispatched({ routing, rows, now });
  const group = await groups.findTogether(at);
  // They may be in the same group again.
  if (group && group.routing !== routing.version) await groups.saveTogether(emptied(group));
};

/** The group as nobody else tells of it now. @throws WriteConflict for another who tells of it */
const claim = async (group: AlertGroup, now: number): Promise<AlertGroup> => {
  const mine = claimed(group, randomUUID(), now);
  await groups.saveTogether(mine);
  return table.next(mine);
};

/** Tells a group's receivers what they do not know yet, alone. */
const flush = async (read: AlertGroup, route: Route, routing: Routing, known: readonly AlertRow[], now: number) => {
  const group = await withDigestsTold(read);
  const rows = known.map((row) => heardWhileFlapping(row, route.flapping, now));
  const heard = heardOf(await audible(route, routing, rows, now), now);
  const integrations = unknowing(group, route, routing, heard, now).filter(({ key }) => !isBeingTold(group, key));
  const limited = integrations.filter((each) => limitFor(each, heard)).map(({ key }) => key);
  // A digest that ends meanwhile sees those that may be held back.
  const asking = heldFor(group, limited, now);
  const mine = integrations.length > 0 ? await claim(asking, now) : group;
  const { told, failed, held, againAt } = await tellEach(integrations, group, heard, now);
  // Rows that are gone were over for a day.
  const gone = group.alerts.filter((fingerprint) => !rows.some((row) => row.fingerprint === fingerprint));
  const resolved = rows.filter((row) => isResolvedAt(row, now)).map(({ fingerprint }) => fingerprint);
  const isOwed =
    Object.keys(failed).length + held.length > 0 || Object.values(group.held ?? {}).some(({ digest }) => digest);
  const over = isOwed ? gone : [...gone, ...resolved];
  const flushed = { at: now, told, failed, held, over, againAt };
  const after = await record(mine, flushed, rows);
  if (after) await tellOfDown(after, now);
};

/**
 * Tells a group's receivers what they do not know yet, where it is due: dispatch.go and notify.go of Alertmanager 0.25. What no
 * longer belongs to the group goes where it does. Of two at once one tells. @throws WriteConflict for the other
 */
export const tellGroup = async (at: groups.GroupAt, now: number): Promise<void> => {
  const group = await groups.findTogether(at);
  if (group === undefined || group.alerts.length === 0) return;
  const [routing, read] = await Promise.all([
    routingOf(at.project, routings.findTogether),
    alerts.theseTogether(at.project, group.alerts),
  ]);
  const rows = read.map(asHeard);
  const route = group.routing === routing.version ? routeOfGroup(routing, group, rows) : undefined;
  if (route === undefined) return moved(at, rows, routing, now);
  if (isDue(group, now)) await flush(group, route, routing, rows, now);
};
