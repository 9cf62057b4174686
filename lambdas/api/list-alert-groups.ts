import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { type GettableAlert, GettableGroup, gettableGroup } from '../domain/alerts/api-v2.ts';
import { byLabels } from '../domain/alerts/labels.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import { AlertsQuery, alertsAsked } from './alerts-asked.ts';
import { route } from './route.ts';

const byFingerprint = (a: GettableAlert, b: GettableAlert): number => (a.fingerprint < b.fingerprint ? -1 : 1);

/** GET /api/v2/alerts/groups */
export const listAlertGroups = route({
  method: 'GET',
  path: '/api/v2/alerts/groups',
  action: 'list-alert-groups',
  summary: "List the alerts that fire in the project, by the groups in which they are told (Alertmanager's API)",
  access: 'viewer',
  query: AlertsQuery,
  answers: { 200: z.array(GettableGroup) },
  handler: async ({ query }, call) => {
    const { project } = call.by;
    const [routing, rows, all] = await Promise.all([routingOf(project), alerts.allOf(project), groups.allOf(project)]);
    const shown = new Map((await alertsAsked(routing, rows, query, call)).map((alert) => [alert.fingerprint, alert]));
    const body = all
      .map((group) => gettableGroup(group, group.alerts.flatMap((each) => shown.get(each) ?? []).sort(byFingerprint)))
      .filter((group) => group.alerts.length > 0)
      .sort((a, b) => byLabels(a.labels, b.labels) || (a.receiver.name < b.receiver.name ? -1 : 1));
    return { status: 200, body };
  },
});
