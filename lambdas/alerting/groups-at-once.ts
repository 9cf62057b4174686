import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Suppression } from '../domain/alerts/api-v2.ts';
import type { HeardAlert } from '../domain/alerts/flapping.ts';
import { gathered } from '../runtime/gathered.ts';
import { tellOfHidden } from './hidden-alerts.ts';
import { dispatch } from './receive-alerts.ts';
import type { Routing } from './routing.ts';
import { suppressionsAt } from './suppression.ts';

/** What is done once for all groups that are told of at the same time, each of which asks for it by itself. */

/** Alerts of one group. */
interface Asked<T = AlertRow> {
  readonly routing: Routing;
  readonly rows: readonly T[];
  readonly now: number;
}

/** An alert, and what keeps it from being told. */
type Hushed = Suppression & { readonly row: HeardAlert };

/** Does the work for the alerts of all groups of one routing. Whoever asks at the same time asks of the same moment. */
const byRouting = async <T>(asked: readonly Asked<T>[], work: (all: Asked<T>) => Promise<void>): Promise<void> => {
  const routings = Map.groupBy(asked, ({ routing }) => routing);
  await Promise.all(
    [...routings].map(([routing, all]) => {
      const now = Math.max(...all.map((one) => one.now));
      return work({ routing, rows: all.flatMap(({ rows }) => rows), now });
    }),
  );
};

/** One of each alert, in however many groups it is. */
const each = (all: readonly Hushed[]): Hushed[] => [...new Map(all.map((one) => [one.row.fingerprint, one])).values()];

/**
 * Reads what keeps the alerts of groups from being told, and lets people hear of what is critical and hidden.
 * @returns those of one group, each with what keeps it
 */
export const hushed = /* @__PURE__ */ gathered(async (asked: readonly Asked<HeardAlert>[]) => {
  const byRow = new Map<HeardAlert, Hushed>();
  await byRouting(asked, async ({ routing, rows, now }) => {
    const suppressions = await suppressionsAt(routing, rows, now);
    const all = rows.map((row) => ({ row, ...suppressions(row) }));
    for (const one of all) byRow.set(one.row, one);
    await tellOfHidden(routing.project, each(all), now);
  });
  return ({ rows }: Asked<HeardAlert>) => rows.flatMap((row) => byRow.get(row) ?? []);
});

/** As `dispatch`: groups whose alerts go to the same other group do not come between each other. */
export const dispatched = /* @__PURE__ */ gathered(async (asked: readonly Asked[]) => {
  await byRouting(asked, ({ routing, rows, now }) => dispatch(routing, rows, now));
  return () => undefined;
});
