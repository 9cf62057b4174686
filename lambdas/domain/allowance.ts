/** Requests are counted by windows of ten seconds: who is refused waits no longer than that. */
export const WINDOW_SECONDS = 10;
const WINDOW_MS = WINDOW_SECONDS * 1000;

/** What one function knows of one caller's requests; others know their own part, and the leases' rows the whole. */
export interface Allowance {
  /** Requests that need not be counted, as of `at` (epoch ms): whoever asks seldom costs no call. */
  readonly free: number;
  readonly at: number;
  /** Number of the window that the rest is about. */
  readonly window: number;
  /** Requests leased in it, and how many of them are left. */
  readonly leased: number;
  readonly left: number;
  /** Whether a lease was refused: nothing is left for anybody. */
  readonly isOver: boolean;
}

/** API Gateway gives up after 30 s, so that no call waits longer than this. */
export const LONGEST_WAIT_SECONDS = 20;

/** Requests in a window, of a rate a second. */
export const mostOf = (perSecond: number): number => perSecond * WINDOW_SECONDS;

/** When the window ends, in epoch ms. */
export const endOf = ({ window }: Pick<Allowance, 'window'>): number => (window + 1) * WINDOW_MS;

/** Never so few that a person who lists a thing or two is counted. */
const LEAST_BURST = 5;
const burstOf = (perSecond: number): number => Math.max(LEAST_BURST, perSecond / 10);
const FILLED_MS = 5000;

/** The allowance at this moment: what is free has grown again, and of a new window nothing is leased yet. */
export const asOf = (before: Allowance | undefined, perSecond: number, now: number): Allowance => {
  const window = Math.floor(now / WINDOW_MS);
  const burst = burstOf(perSecond);
  const fresh = { window, leased: 0, left: 0, isOver: false };
  if (before === undefined) return { free: burst, at: now, ...fresh };
  const grown = (Math.max(0, now - before.at) * burst) / FILLED_MS;
  const free = Math.min(burst, before.free + grown);
  return { ...before, ...(before.window === window ? {} : fresh), free, at: Math.max(before.at, now) };
};

/**
 * After a request that needs no new lease; undefined where it does. Nothing is free for a call that may wait: each holds a
 * function of its own, and each of these would add what it has free.
 */
export const spentOf = (now: Allowance, cost: number): Allowance | undefined => {
  if (cost === 1 && now.free >= 1) return { ...now, free: now.free - 1 };
  return now.left < cost ? undefined : { ...now, left: now.left - cost };
};

const LARGEST_LEASE = 10;

/** How many to lease next: twice as many each time, so that a hundred functions that answer one request each hold back nothing. */
export const leaseOf = ({ leased }: Allowance, cost: number): number =>
  Math.max(cost, Math.min(LARGEST_LEASE, Math.max(1, leased)));

/** After a request out of a new lease. Nothing more is free before the window's end, else each of many functions would add its own. */
export const withLease = (now: Allowance, count: number, cost: number): Allowance => ({
  ...now,
  free: 0,
  at: endOf(now),
  leased: now.leased + count,
  left: now.left + count - cost,
});

/** A call that may wait holds a function: it counts one more for each five seconds. No wait is NaN, too. */
export const costOf = (waitSeconds: number): number =>
  waitSeconds > 0 ? 1 + Math.ceil(Math.min(waitSeconds, LONGEST_WAIT_SECONDS) / 5) : 1;
