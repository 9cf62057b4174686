import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { GettableAlert } from '../domain/alerts/api-v2.ts';
import * as alerts from '../store/alerts.ts';
import { AlertsQuery, alertsAsked } from './alerts-asked.ts';
import { route } from './route.ts';

/** GET /api/v2/alerts */
export const listAlerts = route({
  method: 'GET',
  path: '/api/v2/alerts',
  action: 'list-alerts',
  summary: "List the alerts that fire in the project (Alertmanager's API)",
  access: 'viewer',
  query: AlertsQuery.extend({ unprocessed: z.enum(['true', 'false']).default('true') }),
  answers: { 200: z.array(GettableAlert) },
  handler: async ({ query }, call) => {
    const { project } = call.by;
    const [routing, rows] = await Promise.all([routingOf(project), alerts.allOf(project)]);
    return { status: 200, body: await alertsAsked(routing, rows, query, call) };
  },
});
