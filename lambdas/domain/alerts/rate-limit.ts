import { createHash } from 'node:crypto';
import { CLAIM_MS } from './alert-group.ts';

/** How many notifications one way to a receiver takes in a time, and what becomes of those beyond: they wait for one digest. */

/** What a receiver takes. */
export interface RateLimit {
  /** So many, digests among them. */
  readonly notifications: number;
  /** Within any time that is so long. */
  readonly perMs: number;
  /** So many more of groups in which something critical fires. */
  readonly critical: number;
}

/** A digest that is being told. */
export interface Telling {
  readonly number: number;
  /** The moment of which it tells: an Instant. */
  readonly at: string;
  /** Whether the receiver has taken it: what is left is to remember so in each group. */
  readonly isTold?: true;
}

/** The row of one way with a limit: what it was told of late, and the digest that is to come. */
export interface Allowance {
  readonly id: string;
  readonly project: string;
  readonly receiver: string;
  /** The way, as groups name it. */
  readonly key: string;
  /** When it was told something, the oldest first: ms since the epoch, within the time of its limit. */
  readonly told: readonly number[];
  /** The same of what was critical and went beyond the limit. */
  readonly beyond: readonly number[];
  /** While groups wait: since when. An Instant. */
  readonly since?: string;
  /** When the digest of them, or what digests have opened, is to be looked after next. An Instant. */
  readonly nextAt?: string;
  readonly digest?: Telling;
  /** Whether an incident is open that digests have opened: it is to be closed once nothing fires of which they alone have told. */
  readonly isOpen?: true;
  /** How many digests were begun. */
  readonly digests: number;
  /** Who wrote it last: of two at once that would write the same, one has. */
  readonly by: string;
  /** After which the row may go, where nothing waits. */
  readonly keptUntil: string;
  readonly version: number;
}

/** Whose allowance it is. */
export type Whose = Pick<Allowance, 'project' | 'receiver' | 'key'>;

const PREFIX = 'alw-';
const KEPT_MS = 5 * 86_400_000;
/** Between two looks at what an open incident is about. */
const LOOK_MS = 300_000;

const instant = (at: number): string => new Date(at).toISOString();

/** By which its row is found. */
export const allowanceIdOf = ({ key }: Pick<Whose, 'key'>): string =>
  `${PREFIX}${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;

/** Whether what is due is a digest, and no group. */
export const isAllowanceId = (id: string): boolean => id.startsWith(PREFIX);

/** Of a way that was told nothing yet. */
export const newAllowance = (whose: Whose, now: number): Allowance => ({
  ...whose,
  id: allowanceIdOf(whose),
  told: [],
  beyond: [],
  digests: 0,
  by: '',
  keptUntil: instant(now + KEPT_MS),
  version: 0,
});

const lately = (moments: readonly number[], { perMs }: RateLimit, now: number): number[] =>
  moments.filter((at) => at > now - perMs);

const withMoment = (moments: readonly number[], now: number): number[] => [...moments, now].sort((a, b) => a - b);

/** When one more notification may be told, ms since the epoch: now, or once enough of the last are old. */
export const freeAt = ({ told }: Pick<Allowance, 'told'>, limit: RateLimit, now: number): number => {
  const recent = lately(told, limit, now);
  const blocking = recent[recent.length - limit.notifications];
  return blocking === undefined ? now : blocking + limit.perMs;
};

/** What comes of asking to tell one notification. */
export interface Asked {
  /** The row after it; the same one where nothing is to be written. */
  readonly after: Allowance;
  readonly isHeld: boolean;
}

/**
 * Takes one notification of an allowance. While groups wait, what gets free is the digest's; something critical has a reserve
 * of its own, and waits where that is used up, too.
 */
export const asked = (before: Allowance, limit: RateLimit, isCritical: boolean, now: number): Asked => {
  const told = lately(before.told, limit, now);
  const beyond = lately(before.beyond, limit, now);
  const row = { ...before, told, beyond, keptUntil: instant(now + KEPT_MS) };
  const isWaiting = before.since !== undefined;
  if (!isWaiting && told.length < limit.notifications)
    return { after: { ...row, told: withMoment(told, now) }, isHeld: false };
  if (isCritical && beyond.length < limit.critical)
    return { after: { ...row, beyond: withMoment(beyond, now) }, isHeld: false };
  if (isWaiting) return { after: before, isHeld: true };
  return { after: waitingSince(row, limit, instant(now), now), isHeld: true };
};

/** The same while groups wait for a digest, which is not to be told before a moment. */
export const waitingSince = (before: Allowance, limit: RateLimit, since: string, notBefore: number): Allowance => ({
  ...before,
  since,
  nextAt: instant(freeAt(before, limit, notBefore)),
});

/** The same while somebody tells a digest, alone for as long as he may live: a new one, or the one that was begun and not ended. */
export const digestBegun = (before: Allowance, now: number): Allowance & { readonly digest: Telling } => {
  const claimed = { ...before, nextAt: instant(now + CLAIM_MS) };
  if (before.digest) return { ...claimed, digest: before.digest };
  const number = before.digests + 1;
  return { ...claimed, told: withMoment(before.told, now), digests: number, digest: { number, at: instant(now) } };
};

/** The same once the receiver has taken its digest, which has opened an incident there or has not. */
export const digestTaken = <A extends Allowance & { readonly digest: Telling }>(before: A, opens: boolean): A => ({
  ...before,
  digest: { ...before.digest, isTold: true },
  ...(opens ? { isOpen: true } : {}),
});

/** The same once its digest is over, whatever came of it; nothing waits. */
export const digestEnded = ({ digest: _, since: __, nextAt: ___, ...rest }: Allowance, now: number): Allowance => ({
  ...rest,
  keptUntil: instant(now + KEPT_MS),
  ...(rest.isOpen ? { nextAt: instant(now + LOOK_MS) } : {}),
});

/** Whether nothing waits, and all that is to be looked after is what digests have opened. */
export const isOpenAlone = ({ isOpen, since, digest }: Allowance): boolean =>
  isOpen === true && since === undefined && digest === undefined;

/** The same where it stays open: looked after again then (ms since the epoch), or a while later. */
export const stillOpen = (before: Allowance, now: number, at = now + LOOK_MS): Allowance => ({
  ...before,
  nextAt: instant(at),
});

/** The same while somebody looks after what digests have opened, alone for as long as he may live. */
export const closingBegun = (before: Allowance, now: number): Allowance => stillOpen(before, now, now + CLAIM_MS);

/** The same once what digests have opened is closed. */
export const openNoMore = ({ isOpen: _, ...rest }: Allowance, now: number): Allowance => digestEnded(rest, now);

/** The same where nobody was told anything by it: it does not count. */
export const digestVoid = (before: Allowance, now: number): Allowance => {
  const at = Date.parse(before.digest?.at ?? '');
  return {
    ...digestEnded(before, now),
    told: before.told.toSpliced(before.told.indexOf(at), before.told.includes(at) ? 1 : 0),
  };
};

/** What goes without saying for mail and Slack: more than that in five minutes nobody reads. */
export const USUAL_LIMIT: RateLimit = { notifications: 20, perMs: 300_000, critical: 20 };
