import * as z from 'zod';
import { Instant } from '../ids.ts';
import { isResolvedAt } from './alert.ts';
import type { AlertGroup } from './alert-group.ts';
import { type AlertRow, isAcknowledgedAt } from './alert-row.ts';
import { GettableAlert } from './api-v2.ts';
import { endNoted } from './history.ts';
import { alertHash } from './notify.ts';

const Entry = z.strictObject({
  at: Instant,
  what: z.enum(['fired', 'resolved', 'acknowledged', 'given-back', 'commented', 'assigned']),
  by: z.string().optional(),
  text: z.string().optional(),
  to: z.string().optional(),
});

/** What a way to a receiver was last told of an alert, and why it has not taken what came since. */
const Notified = z.strictObject({
  receiver: z.string(),
  what: z.enum(['firing', 'resolved']).optional(),
  at: Instant.optional(),
  failing: z.strictObject({ why: z.string(), since: Instant }).optional(),
  /** Since when it waits to hear of it, having been told enough. */
  heldSince: Instant.optional(),
});
type Notified = z.infer<typeof Notified>;

/** One alert with all that is known of it. */
export const AlertView = GettableAlert.extend({
  state: z.enum(['firing', 'acknowledged', 'resolved']),
  history: z.array(Entry),
  notified: z.array(Notified),
}).meta({ id: 'Alert' });
export type AlertView = z.infer<typeof AlertView>;

const stateOf = (row: AlertRow, now: number): AlertView['state'] => {
  if (isResolvedAt(row, now)) return 'resolved';
  return isAcknowledgedAt(row, now) ? 'acknowledged' : 'firing';
};

const saidOf = (hash: string, { told, failing = {}, held: waiting = {}, claim, alerts }: AlertGroup): Notified[] => {
  // Of one that is told of right now nobody knows yet whether it is held back.
  const held = claim === undefined ? waiting : {};
  const owing = alerts.includes(hash) ? [...Object.keys(failing), ...Object.keys(held)] : [];
  const keys = new Set([...Object.keys(told), ...owing]);
  return [...keys].flatMap((receiver): Notified[] => {
    const { firing = [], resolved = [], at } = told[receiver] ?? {};
    const what = firing.includes(hash) ? 'firing' : resolved.includes(hash) ? 'resolved' : undefined;
    const away = alerts.includes(hash) ? failing[receiver] : undefined;
    const heldSince = alerts.includes(hash) ? held[receiver]?.since : undefined;
    if (what === undefined && away === undefined && heldSince === undefined) return [];
    return [
      {
        receiver,
        ...(what && at ? { what, at } : {}),
        ...(away ? { failing: away } : {}),
        ...(heldSince ? { heldSince } : {}),
      },
    ];
  });
};

/** @see AlertView */
export const alertView = (
  shown: GettableAlert,
  row: AlertRow,
  groups: readonly AlertGroup[],
  now: number,
): AlertView => ({
  ...shown,
  state: stateOf(row, now),
  history: endNoted(row, now).map((entry) => ({ ...entry })),
  notified: groups.flatMap((group) => saidOf(alertHash(row), group)),
});
