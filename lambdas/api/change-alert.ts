import { routingOf } from '../alerting/routing.ts';
import { showDeed } from '../alerting/show-deed.ts';
import { suppressionsAt } from '../alerting/suppression.ts';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { Acknowledgement, AlertRow, Assignment } from '../domain/alerts/alert-row.ts';
import { type GettableAlert, gettableAlert } from '../domain/alerts/api-v2.ts';
import { type Deed as Done, deedSaid, endNoted, withEntry } from '../domain/alerts/history.ts';
import { routesFor } from '../domain/alerts/route-tree.ts';
import { Fault } from '../domain/faults.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as alerts from '../store/alerts.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

const heardOf = async (id: string, { by }: Call): Promise<AlertRow | undefined> => {
  const row = await alerts.find(by.project, id);
  return row?.pending ? undefined : row;
};

/** One that there is and that people hear of, over for up to a day or not. @throws AlertNotFound */
export const knownAlert = async (id: string, call: Call): Promise<AlertRow> => {
  const row = await heardOf(id, call);
  if (row) return row;
  throw new Fault('AlertNotFound', `There is no alert ${id}, or it has been over for a day.`);
};

/** @throws AlertNotFound where it does not fire */
const firing = async (id: string, call: Call): Promise<AlertRow> => {
  const row = await heardOf(id, call);
  if (row && !isResolvedAt(row, Date.parse(call.at))) return row;
  throw new Fault('AlertNotFound', `No alert ${id} fires.`);
};

const toldOf = ({ labels, acknowledged, assigned, history = [] }: AlertRow) => ({
  labels,
  acknowledged,
  assigned,
  last: history.at(-1),
});

/** What a person does about an alert: what becomes of its row, and how its history tells of it. */
interface Deed {
  readonly change: {
    readonly acknowledged?: Acknowledgement | undefined;
    readonly assigned?: Assignment | undefined;
  };
  readonly entry: Done;
  /** Whether it may be done once the alert is over, too. */
  readonly isLateToo?: boolean;
  /** Whether it is still to be done about an alert that is like this; it is, where it is left out. */
  readonly isCalledFor?: (before: AlertRow) => boolean;
}

/** That somebody takes an alert on. */
export const acknowledging = (acknowledged: Acknowledgement): Deed => {
  const { by, at, comment } = acknowledged;
  return {
    change: { acknowledged },
    entry: { at, what: 'acknowledged', by, ...(comment ? { text: comment } : {}) },
  };
};

const changed = ({ acknowledged, assigned, ...row }: AlertRow, { change }: Deed): AlertRow => {
  const after = { acknowledged, assigned, ...change };
  return {
    ...row,
    ...(after.acknowledged ? { acknowledged: after.acknowledged } : {}),
    ...(after.assigned ? { assigned: after.assigned } : {}),
  };
};

/** An alert after a deed, and whether that was done just now and not before. */
interface Changed {
  readonly row: AlertRow;
  readonly isNew: boolean;
}

/** Does what a person does about an alert. @throws AlertNotFound */
export const changeAlert = (id: string, call: Call, deed: Deed): Promise<Changed> =>
  untilWritten(async () => {
    const before = await (deed.isLateToo ? knownAlert : firing)(id, call);
    // This very request has done it before.
    if (call.earlier?.subject === id || deed.isCalledFor?.(before) === false) return { row: before, isNew: false };
    const after = { ...changed(before, deed), history: withEntry(endNoted(before, Date.parse(call.at)), deed.entry) };
    const told = audited(call, { subject: id, before: toldOf(before), after: toldOf(after) });
    await table.transact([alerts.writing(after), ...told]);
    return { row: table.next(after), isNew: true };
  });

/** An alert as it is now, as Alertmanager's API shows it. */
export const shownAlert = async (row: AlertRow, { by, at }: Call): Promise<GettableAlert> => {
  const routing = await routingOf(by.project);
  const suppressions = await suppressionsAt(routing, [row], Date.parse(at));
  const receivers = routesFor(routing.tree, row.labels).map(({ receiver }) => receiver);
  return gettableAlert(row, receivers, suppressions(row));
};

/** What a deed is called where it is shown. */
export const saidOf = ({ entry, change }: Deed): string => deedSaid(entry, change.acknowledged?.until);

/** Does what a person does about an alert, and lets those who were told of it see that. @returns 200 with the alert as it is now @throws AlertNotFound */
export const actOn = async (id: string, call: Call, deed: Deed): Promise<Reply> => {
  const { row, isNew } = await changeAlert(id, call, deed);
  if (isNew) await showDeed(call.by.project, [row], saidOf(deed));
  return { status: 200, body: await shownAlert(row, call) };
};
