import { type Alert, merged } from './alert.ts';
import { type Entry, historyAfter } from './history.ts';

/** Who has taken an alert on, and until when nobody is reminded of it: instants. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: string;
  /** While it fires, where it is left out. */
  readonly until?: string;
  readonly comment?: string;
}

/** Who is to see to an alert, and who said so. */
export interface Assignment {
  readonly to: string;
  readonly by: string;
  /** An Instant. */
  readonly at: string;
}

/** The row of an alert. */
export interface AlertRow extends Alert {
  readonly fingerprint: string;
  readonly project: string;
  /** Whether a rule of the project's routing lets it inhibit others. */
  readonly inhibits: boolean;
  readonly acknowledged?: Acknowledgement;
  readonly assigned?: Assignment;
  /** What has become of it, also before it fired this time. */
  readonly history?: readonly Entry[];
  /** The plane's own: what it is about (the id of a VM, a host, a schedule or an operation), by whose rows it is ended. */
  readonly own?: { readonly subject: string };
  /** Silences, by their ids, of which it was seen, and told, that they hide it, where it is critical. */
  readonly hiddenBy?: readonly string[];
  /** What it is about may still pass, or is not to be told of: nobody is told, and nobody sees it. */
  readonly pending?: true;
  readonly version: number;
}

/** Whether somebody has taken it on at a moment. */
export const isAcknowledgedAt = ({ acknowledged }: Pick<AlertRow, 'acknowledged'>, at: number): boolean =>
  acknowledged !== undefined && (acknowledged.until === undefined || Date.parse(acknowledged.until) > at);

/** The row once the alert is heard of again, at the same version: who has taken it on, or is to, has so until it is over, and not for the next time. */
export const heardAgain = (
  before: AlertRow | undefined,
  incoming: Alert,
  of: Pick<AlertRow, 'fingerprint' | 'project' | 'inhibits' | 'own'>,
): AlertRow => {
  const alert = merged(before, incoming);
  const isSame = before !== undefined && alert.startsAt === before.startsAt;
  const { acknowledged, assigned } = isSame ? before : {};
  const own = of.own ?? (isSame ? before.own : undefined);
  return {
    ...alert,
    ...of,
    ...(acknowledged ? { acknowledged } : {}),
    ...(assigned ? { assigned } : {}),
    history: historyAfter(before, alert, Date.parse(incoming.updatedAt)),
    ...(before?.hiddenBy ? { hiddenBy: before.hiddenBy } : {}),
    ...(own ? { own } : {}),
    version: before?.version ?? 0,
  };
};

/** An alert as people hear of it: one that is pending has not begun anew, and what they know of it is over. */
export const asHeard = (row: AlertRow): AlertRow => (row.pending ? { ...row, endsAt: row.updatedAt } : row);
