import { createHash } from 'node:crypto';
import * as z from 'zod';
import { senderOf } from '../domain/address.ts';
import { type Allowance, asOf, endOf, leaseOf, mostOf, spentOf, withLease } from '../domain/allowance.ts';
import { Fault } from '../domain/faults.ts';
import type { Principal } from '../domain/principal.ts';
import * as leases from '../store/leases.ts';
import { env } from './env.ts';
import { logger, measure } from './powertools.ts';

const rate = z.coerce.number().positive();
const { PRINCIPAL_RATE_LIMIT, PROJECT_RATE_LIMIT } = env({ PRINCIPAL_RATE_LIMIT: rate, PROJECT_RATE_LIMIT: rate });

/** Requests a second. A host reports each ten seconds, and what happens there meanwhile. */
const PER_SECOND = {
  principal: PRINCIPAL_RATE_LIMIT,
  project: PROJECT_RATE_LIMIT,
  host: PRINCIPAL_RATE_LIMIT / 10,
  // Of tokens that are not valid; what is free of it only, each function for itself.
  address: PRINCIPAL_RATE_LIMIT / 50,
};
type Kind = keyof typeof PER_SECOND;

/** More callers than one function meets between two windows; what is forgotten begins anew. */
const MOST_REMEMBERED = 2000;

const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key);
  map.set(key, value);
  const [oldest = key] = map.keys();
  if (map.size > MOST_REMEMBERED) map.delete(oldest);
};

/** What this function knows, between its calls. Addresses apart, so that a flood from many pushes no principal out. */
const allowances = new Map<string, Allowance>();
const addresses = new Map<string, Allowance>();
/** Credentials that were good, by their hash; and what is told to those that asked too much all the same, until when (epoch ms). */
const credentials = new Map<string, { readonly kind: Kind; readonly until: number }>();

/** What a request shows of its sender. */
export interface Sender {
  readonly address: string;
  readonly authorization: string | undefined;
  readonly project: string | undefined;
}

/** Together with the project, whose limit it may be that was reached. */
const hashOf = ({ authorization = '', project = '' }: Sender): string =>
  createHash('sha256').update(`${authorization}\n${project}`).digest('base64');

const WHAT: Readonly<Record<Kind, string>> = {
  principal: 'You ask too much at once.',
  project: 'Your project asks too much at once.',
  host: 'This host reports too much at once.',
  address: 'Too many tokens that are not valid came from your address.',
};

const tooMany = (kind: Kind, ms: number): Fault => {
  const retryAfterSeconds = Math.max(1, Math.ceil(ms / 1000));
  const limit = { name: kind, most: mostOf(PER_SECOND[kind]) };
  return new Fault('TooManyRequests', `${WHAT[kind]} Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
    limit,
  });
};

/** Goes on without having counted: a table that is away must not shut the API. */
const isLeased = async (lease: leases.Leased, count: number): Promise<boolean> => {
  try {
    return await leases.take(lease, count);
  } catch (error) {
    logger.warn('requests are not counted: the telemetry table does not answer', { of: lease.of, error });
    measure({ RequestsUncounted: count });
    return true;
  }
};

/** Counts requests of one caller. @returns when (epoch ms) it may ask again, where it asked too much */
const take = async (kind: Kind, id: string, cost: number): Promise<number | undefined> => {
  const of = `${kind}#${id}`;
  const before = asOf(allowances.get(of), PER_SECOND[kind], Date.now());
  const until = endOf(before);
  if (before.isOver) return until;
  const spent = spentOf(before, cost);
  if (spent) {
    remember(allowances, of, spent);
    return undefined;
  }
  const count = leaseOf(before, cost);
  const leased = await isLeased({ of, window: before.window, until, most: mostOf(PER_SECOND[kind]) }, count);
  remember(allowances, of, leased ? withLease(before, count, cost) : { ...before, isOver: true });
  return leased ? undefined : until;
};

/**
 * Whether this sender is refused before anything is verified or looked up for it: its credential asked too much a moment ago,
 * or is one that was not good here before and comes from where too many bad ones came from.
 */
export const refusalOf = (sender: Sender): Fault | undefined => {
  const now = Date.now();
  const known = credentials.get(hashOf(sender));
  if (known) return known.until > now ? tooMany(known.kind, known.until - now) : undefined;
  const from = asOf(addresses.get(senderOf(sender.address)), PER_SECOND.address, now);
  return from.free < 1 ? tooMany('address', 1000) : undefined;
};

/** Counts a token that was not good. */
export const countBad = (sender: Sender): void => {
  credentials.delete(hashOf(sender));
  const from = senderOf(sender.address);
  const now = asOf(addresses.get(from), PER_SECOND.address, Date.now());
  remember(addresses, from, { ...now, free: Math.max(0, now.free - 1) });
};

/** Counts a request of somebody who is known, and of its project; hosts belong to none. @throws TooManyRequests */
export const admit = async (sender: Sender, { id, project, role }: Principal, cost: number): Promise<void> => {
  const asked =
    role === 'host'
      ? ([['host', id]] as const)
      : ([
          ['principal', id],
          ['project', project],
        ] as const);
  for (const [kind, of] of asked) {
    const until = await take(kind, of, cost);
    remember(credentials, hashOf(sender), { kind, until: until ?? 0 });
    if (until !== undefined) throw tooMany(kind, until - Date.now());
  }
};
