import { type Alert, merged } from './alert.ts';

/** Who has taken an alert on, and until when nobody is reminded of it: instants. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: string;
  /** While it fires, where it is left out. */
  readonly until?: string;
  readonly comment?: string;
}

/** The row of an alert. */
export interface AlertRow extends Alert {
  readonly fingerprint: string;
  readonly project: string;
  /** Whether a rule of the project's routing lets it inhibit others. */
  readonly inhibits: boolean;
  readonly acknowledged?: Acknowledgement;
  readonly version: number;
}

/** Whether somebody has taken it on at a moment. */
export const isAcknowledgedAt = ({ acknowledged }: Pick<AlertRow, 'acknowledged'>, at: number): boolean =>
  acknowledged !== undefined && (acknowledged.until === undefined || Date.parse(acknowledged.until) > at);

/** The row once the alert is heard of again, at the same version: who has taken it on has so until it is over, and not for the next time. */
export const heardAgain = (
  before: AlertRow | undefined,
  incoming: Alert,
  of: Pick<AlertRow, 'fingerprint' | 'project' | 'inhibits'>,
): AlertRow => {
  const alert = merged(before, incoming);
  const isSame = before !== undefined && alert.startsAt === before.startsAt;
  const acknowledged = isSame ? before.acknowledged : undefined;
  return { ...alert, ...of, ...(acknowledged ? { acknowledged } : {}), version: before?.version ?? 0 };
};
