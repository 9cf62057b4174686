import { AlertView, alertView } from '../domain/alerts/alert-view.ts';
import * as groups from '../store/alert-groups.ts';
import { AlertPath } from './alert-path.ts';
import { knownAlert, shownAlert } from './change-alert.ts';
import { route } from './route.ts';

/** GET /v1/alerts/{id} */
export const getAlert = route({
  method: 'GET',
  path: '/v1/alerts/{id}',
  action: 'get-alert',
  summary: 'Show an alert: what has become of it, who did what about it, and what its receivers were last told',
  access: 'viewer',
  params: AlertPath,
  answers: { 200: AlertView },
  handler: async ({ params: { id } }, call) => {
    const row = await knownAlert(id, call);
    const [shown, all] = await Promise.all([shownAlert(row, call), groups.allOf(call.by.project)]);
    return { status: 200, body: alertView(shown, row, all, Date.parse(call.at)) };
  },
});
