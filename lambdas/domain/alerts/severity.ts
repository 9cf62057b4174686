import type { Alert } from './alert.ts';
import { labelOf } from './labels.ts';

/** The severities that people know, the worst first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

const KNOWN: Readonly<Record<string, Severity>> = { critical: 'critical', page: 'critical', info: 'info' };

/** How bad an alert is, by its label `severity`. */
export const severityOf = ({ labels }: Pick<Alert, 'labels'>): Severity =>
  KNOWN[labelOf(labels, 'severity')] ?? 'warning';

/** How bad the worst of these is. */
export const worstOf = (alerts: readonly Pick<Alert, 'labels'>[]): Severity => {
  const all = new Set(alerts.map(severityOf));
  return SEVERITIES.find((each) => all.has(each)) ?? 'warning';
};
