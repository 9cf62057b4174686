import { type Alert, isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { toldInDigest } from '../domain/alerts/held-back.ts';
import { allowanceIdOf, asked, newAllowance, type RateLimit, type Whose } from '../domain/alerts/rate-limit.ts';
import { worstOf } from '../domain/alerts/severity.ts';
import { Fault } from '../domain/faults.ts';
import * as allowances from '../store/allowances.ts';

/** In a storm each round of them lets one through; whoever is too late by so many is held back. */
const TRIES = 25;

/** @returns whether nobody else has written meanwhile */
const isSaved = async (row: Parameters<typeof allowances.save>[0]): Promise<boolean> => {
  try {
    await allowances.save(row);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return false;
    throw error;
  }
};

const holdsBack = async (
  { project, receiver, key }: Whose,
  limit: RateLimit,
  alerts: readonly Alert[],
  now: number,
): Promise<boolean> => {
  const firing = alerts.filter((alert) => !isResolvedAt(alert, now));
  const isCritical = firing.length > 0 && worstOf(firing) === 'critical';
  const whose = { project, receiver, key };
  for (let tries = TRIES; tries > 0; tries -= 1) {
    const before = (await allowances.find({ project, id: allowanceIdOf(whose) })) ?? newAllowance(whose, now);
    const { after, isHeld } = asked(before, limit, isCritical, now);
    if (after === before || (await isSaved(after))) return isHeld;
  }
  return true;
};

/** The last that asked: groups that are told of by one call would come between each other at the row of their receiver. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Takes one notification of what a receiver takes in its time, to tell it of these alerts. @returns whether it has been told
 * enough, and hears of them by its next digest
 */
export const isHeldBack = (...asks: Parameters<typeof holdsBack>): Promise<boolean> => {
  const mine = last.then(() => holdsBack(...asks));
  last = mine.catch(() => undefined);
  return mine;
};

/** The group as it is remembered, with what digests have told of it that its row does not know of yet. */
export const withDigestsTold = async (group: AlertGroup): Promise<AlertGroup> => {
  let after = group;
  for (const [key, { digest }] of Object.entries(group.held ?? {})) {
    if (digest === undefined) continue;
    const allowance = await allowances.find({ project: group.project, id: allowanceIdOf({ key }) });
    const telling = allowance?.digest?.number === digest.number ? allowance.digest : undefined;
    // One that is over is so because its receiver has taken it: else the group would be in it no more.
    if (telling === undefined || telling.isTold) after = toldInDigest(after, key);
  }
  return after;
};
