import type { Alert } from './alert.ts';

/** The row of an alert. */
export interface AlertRow extends Alert {
  readonly fingerprint: string;
  readonly project: string;
  /** Whether a rule of the project's routing lets it inhibit others. */
  readonly inhibits: boolean;
  readonly version: number;
}
