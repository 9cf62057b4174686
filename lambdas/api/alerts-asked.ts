import * as z from 'zod';
import type { Routing } from '../alerting/routing.ts';
import { suppressionsAt } from '../alerting/suppression.ts';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { type GettableAlert, gettableAlert } from '../domain/alerts/api-v2.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { wholeMatch } from '../domain/alerts/regex.ts';
import { routesFor } from '../domain/alerts/route-tree.ts';
import { Fault } from '../domain/faults.ts';
import { PlainOrEmptyText } from '../domain/plain-text.ts';
import { FilterQuery, filtersIn } from './alertmanager-query.ts';
import type { Call } from './route.ts';

const flag = (description: string) =>
  z
    .enum(['true', 'false'])
    .default('true')
    .meta({ description: `Whether to show alerts that are ${description}` });

/** Which alerts are asked for. */
export const AlertsQuery = z.strictObject({
  active: flag('neither silenced nor inhibited'),
  silenced: flag('silenced'),
  inhibited: flag('inhibited'),
  filter: FilterQuery,
  receiver: PlainOrEmptyText(512)
    .optional()
    .meta({ description: 'A regular expression: whose receivers it is to fit' }),
});
type AlertsQuery = z.output<typeof AlertsQuery>;

/** @throws InvalidRequest */
const receiverTest = (pattern: string | undefined): ((receivers: readonly string[]) => boolean) => {
  if (pattern === undefined || pattern === '') return () => true;
  try {
    const fits = wholeMatch(pattern);
    return (receivers) => receivers.some(fits);
  } catch {
    const detail = 'no regular expression';
    throw new Fault('InvalidRequest', `The receiver is ${detail}.`, {
      errors: [{ pointer: 'query/receiver', detail }],
    });
  }
};

const isShown = ({ active, silenced, inhibited }: AlertsQuery, { status }: GettableAlert): boolean => {
  if (active === 'false' && status.state === 'active') return false;
  if (silenced === 'false' && status.silencedBy.length > 0) return false;
  return inhibited === 'true' || status.inhibitedBy.length === 0;
};

/** Those of these alerts that fire and are asked for, as Alertmanager's API shows them. */
export const alertsAsked = async (
  routing: Routing,
  rows: readonly AlertRow[],
  query: AlertsQuery,
  call: Call,
): Promise<GettableAlert[]> => {
  const now = Date.parse(call.at);
  const filters = filtersIn(call);
  const fitsReceiver = receiverTest(query.receiver);
  const suppressions = await suppressionsAt(routing, rows, now);
  return rows
    .filter((row) => !isResolvedAt(row, now) && matchesAll(filters, row.labels))
    .map((row) => ({ row, receivers: routesFor(routing.tree, row.labels).map(({ receiver }) => receiver) }))
    .filter(({ receivers }) => fitsReceiver(receivers))
    .map(({ row, receivers }) => gettableAlert(row, receivers, suppressions(row)))
    .filter((alert) => isShown(query, alert));
};
