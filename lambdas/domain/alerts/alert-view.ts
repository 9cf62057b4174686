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

const saidOf = (hash: string, { told, failing = {}, alerts }: AlertGroup): Notified[] => {
  const keys = new Set([...Object.keys(told), ...(alerts.includes(hash) ? Object.keys(failing) : [])]);
  return [...keys].flatMap((receiver): Notified[] => {
    const { firing = [], resolved = [], at } = told[receiver] ?? {};
    const what = firing.includes(hash) ? 'firing' : resolved.includes(hash) ? 'resolved' : undefined;
    const away = alerts.includes(hash) ? failing[receiver] : undefined;
    if (what === undefined && away === undefined) return [];
    return [{ receiver, ...(what && at ? { what, at } : {}), ...(away ? { failing: away } : {}) }];
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
