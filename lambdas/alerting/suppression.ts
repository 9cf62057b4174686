import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Suppression } from '../domain/alerts/api-v2.ts';
import { inhibition } from '../domain/alerts/inhibit.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { silencesOf } from '../domain/alerts/silence.ts';
import * as alerts from '../store/alerts.ts';
import * as silences from '../store/silences.ts';
import type { Routing } from './routing.ts';

/** Reads what keeps any of these alerts from being told at a moment. @returns what keeps one of them */
export const suppressionsAt = async (
  { project, config }: Routing,
  rows: readonly AlertRow[],
  now: number,
): Promise<(row: AlertRow) => Suppression> => {
  const rules = config.inhibitRules;
  const mayBeInhibited = rows.some(({ labels }) => rules.some((rule) => matchesAll(rule.target_matchers, labels)));
  const [quiet, sources] = await Promise.all([
    rows.length === 0 ? [] : silences.allOf(project),
    mayBeInhibited ? alerts.inhibitingIn(project) : [],
  ]);
  const firing = sources.filter((source) => !isResolvedAt(source, now));
  const inhibitorsOf = inhibition(rules, firing);
  return (row) => ({
    silencedBy: silencesOf(quiet, row.labels, now),
    inhibitedBy: inhibitorsOf(row.labels),
  });
};
