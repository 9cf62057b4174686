import { received } from '../domain/alerts/alert.ts';
import type { RuleAlert } from '../domain/rules/life.ts';
import { receiveAlerts } from './receive-alerts.ts';
import { routingOf } from './routing.ts';

/** Sends what rules say on its way, as alerts of the rules' projects. To do so again is harmless. */
export const tellRules = async (alerts: readonly RuleAlert[], now: number): Promise<void> => {
  for (const [project, own] of Map.groupBy(alerts, (alert) => alert.project)) {
    const routing = await routingOf(project);
    const { resolveTimeoutMs } = routing.config;
    await receiveAlerts(
      routing,
      own.map((alert) => received(alert, now, resolveTimeoutMs)),
      now,
    );
  }
};
