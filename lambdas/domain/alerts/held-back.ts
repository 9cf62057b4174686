import type { AlertGroup, InDigest } from './alert-group.ts';

/** Groups that a receiver is not told of one by one, since it has been told enough (rate-limit.ts): what of it stands in their rows. */

const without = <T>(all: Readonly<Record<string, T>> = {}, key: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(all).filter(([each]) => each !== key));

/** The group, held back from these ways, at the same version. */
export const heldFor = (group: AlertGroup, keys: readonly string[], now: number): AlertGroup => {
  const since = new Date(now).toISOString();
  const held = Object.fromEntries(keys.map((key) => [key, group.held?.[key] ?? { since }]));
  return keys.length === 0 ? group : { ...group, held: { ...group.held, ...held } };
};

/** The same, held back from this way no more. */
export const notHeld = ({ held, ...group }: AlertGroup, key: string): AlertGroup => {
  const others = without(held, key);
  return Object.keys(others).length === 0 ? group : { ...group, held: others };
};

/** The same while a digest tells of it. */
export const inDigest = (group: AlertGroup, key: string, digest: InDigest): AlertGroup => ({
  ...group,
  held: { ...group.held, [key]: { since: digest.at, ...group.held?.[key], digest } },
});

/** The same once the receiver has taken the digest. What it shows of the group elsewhere it goes on to show. */
export const toldInDigest = (group: AlertGroup, key: string): AlertGroup => {
  const said = group.held?.[key]?.digest;
  if (said === undefined) return group;
  const { firing, resolved, at } = said;
  const { thread, firing: before = [] } = group.told[key] ?? {};
  const told = { firing, resolved, at, isOfDigest: true as const, ...(thread && before.length > 0 ? { thread } : {}) };
  const { failing, ...rest } = notHeld(group, key);
  const others = without(failing, key);
  return {
    ...rest,
    ...(Object.keys(others).length === 0 ? {} : { failing: others }),
    told: { ...group.told, [key]: told },
  };
};

/** The same where the receiver has not taken it: the next digest tells of it. */
export const notInDigest = (group: AlertGroup, key: string, why: string | undefined, now: number): AlertGroup => {
  const at = new Date(now).toISOString();
  const held = { ...group.held, [key]: { since: group.held?.[key]?.since ?? at } };
  if (why === undefined) return { ...group, held };
  const { since = at } = group.failing?.[key] ?? {};
  return { ...group, held, failing: { ...group.failing, [key]: { why, since } } };
};

/** Whether a group waits for the next digest of a way, and is in none. */
export const isWaitingFor = ({ held, alerts }: AlertGroup, key: string): boolean =>
  alerts.length > 0 && held?.[key] !== undefined && held[key].digest === undefined;

/** Whether this digest of a way tells of a group. */
export const isInDigest = ({ held }: AlertGroup, key: string, number: number): boolean =>
  held?.[key]?.digest?.number === number;

/** Whether a digest of a way tells of a group right now. */
export const isBeingTold = ({ held }: AlertGroup, key: string): boolean => held?.[key]?.digest !== undefined;

/** Whether something fires of which digests of a way have told, and no word of its own since. */
export const firesByDigestAlone = ({ told, alerts }: AlertGroup, key: string): boolean => {
  const { isOfDigest = false, firing = [] } = told[key] ?? {};
  return isOfDigest && firing.length > 0 && alerts.length > 0;
};
