import { routingOf } from '../alerting/routing.ts';
import { suppressionsAt } from '../alerting/suppression.ts';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { gettableAlert } from '../domain/alerts/api-v2.ts';
import { routesFor } from '../domain/alerts/route-tree.ts';
import { Fault } from '../domain/faults.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as alerts from '../store/alerts.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

/** @throws AlertNotFound where it does not fire */
const firing = async (id: string, { by, at }: Call): Promise<AlertRow> => {
  const row = await alerts.find(by.project, id);
  if (row && !row.pending && !isResolvedAt(row, Date.parse(at))) return row;
  throw new Fault('AlertNotFound', `No alert ${id} fires.`);
};

/** Writes an alert that a person changed. @throws AlertNotFound */
export const changeAlert = (id: string, call: Call, change: (before: AlertRow) => AlertRow): Promise<AlertRow> =>
  untilWritten(async () => {
    const before = await firing(id, call);
    // This very request has done it before.
    if (call.earlier?.subject === id) return before;
    const after = change(before);
    const told = audited(call, {
      subject: id,
      before: { labels: before.labels, acknowledged: before.acknowledged },
      after: { labels: after.labels, acknowledged: after.acknowledged },
    });
    await table.transact([alerts.writing(after), ...told]);
    return table.next(after);
  });

/** 200 with the alert as it is now. */
export const answered = async (row: AlertRow, { by, at }: Call): Promise<Reply> => {
  const routing = await routingOf(by.project);
  const suppressions = await suppressionsAt(routing, [row], Date.parse(at));
  const receivers = routesFor(routing.tree, row.labels).map(({ receiver }) => receiver);
  return { status: 200, body: gettableAlert(row, receivers, suppressions(row)) };
};
