import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { asHeard } from '../domain/alerts/alert-row.ts';
import { alertsOfDigest, digestOf, type Said } from '../domain/alerts/digest.ts';
import { inDigest, isInDigest, isWaitingFor, notHeld, notInDigest, toldInDigest } from '../domain/alerts/held-back.ts';
import {
  type Allowance,
  digestBegun,
  digestEnded,
  digestTaken,
  digestVoid,
  isOpenAlone,
  type RateLimit,
  type Telling,
  waitingSince,
} from '../domain/alerts/rate-limit.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import * as allowances from '../store/allowances.ts';
import * as table from '../store/table.ts';
import { closeIncident } from './close-incident.ts';
import { type HeardWaiting, heardOfWaiting } from './heard-waiting.ts';
import { type Integration, integrationsOf } from './integrations.ts';
import { type Routing, routingOf } from './routing.ts';
import { notTold } from './tell-group.ts';

/** After a digest that will not be taken as it is. */
const REFUSED_MS = 300_000;

/** A way with a limit, and the digest that is told by it. */
interface Way {
  readonly allowance: Allowance & { readonly digest: Telling };
  readonly integration: Integration;
  readonly limit: RateLimit;
}

/** Writes groups, each by itself. @returns those that were written, as they are now */
const written = async (changed: readonly AlertGroup[]): Promise<AlertGroup[]> => {
  const writes = changed.map((group) => [groups.writing(group)]);
  const refused = await table.transactEach(writes);
  return changed.filter((_, index) => !refused.has(writes[index] ?? [])).map(table.next);
};

/** Changes all groups that a digest tells of, whoever else writes them. */
const changeTold = (
  { project, key }: Allowance,
  { number }: Telling,
  change: (group: AlertGroup) => AlertGroup,
): Promise<void> =>
  untilWritten(async () => {
    const told = (await groups.allOf(project)).filter((group) => isInDigest(group, key, number));
    const done = await written(told.map(change));
    if (done.length < told.length) throw table.changed();
  });

/** Changes an allowance, whoever else takes of it. */
const changeAllowance = (
  at: allowances.AllowanceAt,
  change: (allowance: Allowance) => Allowance | undefined,
): Promise<void> =>
  untilWritten(async () => {
    const before = await allowances.find(at);
    const after = before && change(before);
    if (after) await allowances.save(after);
  });

/** Ends a digest. Whoever is held back from then on begins to wait anew; those that came before, and were not in it, wait on. */
const end = async (
  { allowance, limit }: Way,
  now: number,
  { ended = digestEnded, notBefore = now }: { ended?: typeof digestEnded; notBefore?: number } = {},
): Promise<void> => {
  await changeAllowance(allowance, (each) => ended(each, now));
  const { project, key } = allowance;
  const waiting = (await groups.allOf(project)).flatMap((group) =>
    isWaitingFor(group, key) ? (group.held?.[key]?.since ?? []) : [],
  );
  const [since] = waiting.sort();
  if (since === undefined) return;
  await changeAllowance(allowance, (each) =>
    each.since === undefined ? waitingSince(each, limit, since, notBefore) : undefined,
  );
};

/** What a digest says of a group, and what the row of it says so by. */
const saying = ({ key }: Allowance, { number, at }: Telling, { group, sent }: HeardWaiting): AlertGroup => {
  const moment = Date.parse(at);
  const hashes = (isResolved: boolean) =>
    sent.filter((row) => isResolvedAt(row, moment) === isResolved).map(({ fingerprint }) => fingerprint);
  return inDigest(group, key, { number, at, firing: hashes(false), resolved: hashes(true) });
};

/** Puts into the digest all that waits for it. What has nothing to say any more waits no longer. */
const gather = async ({ allowance, integration }: Way, routing: Routing, now: number): Promise<AlertGroup[]> => {
  const { project, key, digest } = allowance;
  const waiting = (await groups.allOf(project)).filter((group) => isWaitingFor(group, key));
  const { heard, done } = await heardOfWaiting(waiting, integration, routing, now);
  await written(done.map((group) => notHeld(group, key)));
  return written(heard.map((each) => saying(allowance, digest, each)));
};

const saidOf = (told: readonly AlertGroup[], key: string): Said[] =>
  told.flatMap((group) => {
    const digest = group.held?.[key]?.digest;
    return digest ? [{ group, digest }] : [];
  });

const tell = async ({ allowance, integration, limit }: Way, told: readonly AlertGroup[]): Promise<void> => {
  const { project, key, digest } = allowance;
  const said = saidOf(told, key);
  const at = Date.parse(digest.at);
  const named = [...new Set(said.flatMap(({ digest: { firing, resolved } }) => [...firing, ...resolved]))];
  const rows = (await alerts.these(project, named)).map(asHeard);
  const shown = alertsOfDigest(said, rows, integration.sendResolved, at);
  if (shown.length > 0) await integration.tell(digestOf(allowance, digest, limit, said, shown, at), shown, at);
};

/** Whether a digest opens an incident whose end its receiver is to hear of. */
const opensBy = ({ allowance, integration }: Way, told: readonly AlertGroup[]): boolean =>
  integration.opensIncidents &&
  integration.sendResolved &&
  saidOf(told, allowance.key).some(({ digest }) => digest.firing.length > 0);

/** Remembers in each group what its receiver has taken. */
const settle = async (way: Way, now: number): Promise<void> => {
  const { allowance } = way;
  await changeTold(allowance, allowance.digest, (group) => toldInDigest(group, allowance.key));
  await end(way, now);
};

/** A digest that was begun by somebody who is dead says what that one's would have: the receiver may have taken it. */
const toldBy = async (way: Way, routing: Routing, now: number): Promise<AlertGroup[]> => {
  const { project, key, digest } = way.allowance;
  const begun = (await groups.allOf(project)).filter((group) => isInDigest(group, key, digest.number));
  return begun.length > 0 ? begun : gather(way, routing, now);
};

const goOn = async (way: Way, routing: Routing, now: number): Promise<void> => {
  const { allowance } = way;
  if (allowance.digest.isTold) return settle(way, now);
  const told = await toldBy(way, routing, now);
  if (told.length === 0) return end(way, now, { ended: digestVoid });
  try {
    await tell(way, told);
  } catch (error) {
    const { why, againAt = now + REFUSED_MS } = notTold(error, now);
    await changeTold(allowance, allowance.digest, (group) => notInDigest(group, allowance.key, why, now));
    return end(way, now, { ended: digestVoid, notBefore: againAt });
  }
  const opens = opensBy(way, told);
  await changeAllowance(allowance, (each) =>
    each.digest ? digestTaken({ ...each, digest: each.digest }, opens) : undefined,
  );
  return settle(way, now);
};

/** Its limit is gone, or the way itself: each group tells of itself. */
const giveUp = async ({ digest, ...allowance }: Allowance, now: number): Promise<void> => {
  if (digest) await changeTold(allowance, digest, (group) => notInDigest(group, allowance.key, undefined, now));
  await changeAllowance(allowance, (each) => digestEnded(each, now));
};

/**
 * Tells a receiver that has been told enough, in one digest, of all groups that wait for it, once it may be told again. Each is
 * then remembered as told; the incident that digests open is closed in the end. Whoever dies at this is followed by the next. @throws WriteConflict where somebody else is at it
 */
export const tellDigest = async (at: allowances.AllowanceAt, now: number): Promise<void> => {
  const before = await allowances.find(at);
  if (before?.nextAt === undefined || Date.parse(before.nextAt) > now) return;
  const routing = await routingOf(at.project);
  const integration = integrationsOf(routing, before.receiver).find(({ key }) => key === before.key);
  if (isOpenAlone(before)) return closeIncident(before, integration, now);
  const limit = integration?.limit;
  if (integration === undefined || limit === undefined) return giveUp(before, now);
  const allowance = await allowances.save(digestBegun(before, now));
  await goOn({ allowance, integration, limit }, routing, now);
};
