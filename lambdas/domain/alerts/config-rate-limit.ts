import { duration, fields, integer, maybe } from './config-fields.ts';
import type { RateLimit } from './rate-limit.ts';

/** Each stands in a row by its moment, and whoever takes more in a time needs no limit. */
const MOST = 100;
/** Time goes by a tick each minute. */
const SHORTEST_MS = 60_000;
const LONGEST_MS = 86_400_000;

const countOf = (name: string) =>
  integer.refine((count) => count >= 0 && count <= MOST, `${name} is to be from 0 to ${MOST}`);

const isTime = (ms: number | undefined): boolean => ms === undefined || (ms >= SHORTEST_MS && ms <= LONGEST_MS);

/** What a receiver, or one way to it, takes: of NovaCron alone. No notifications are no limit. */
export const rateLimited = {
  rate_limit: maybe(
    fields({
      notifications: countOf('notifications'),
      per: duration.optional().refine(isTime, 'per is to be from 1m to 1d'),
      critical: countOf('critical').optional(),
    }).transform(
      ({ notifications, per, critical }): RateLimit => ({
        notifications,
        perMs: per ?? SHORTEST_MS,
        critical: critical ?? notifications,
      }),
    ),
  ),
};
