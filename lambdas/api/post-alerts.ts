import { receiveAlerts } from '../alerting/receive-alerts.ts';
import { routingOf } from '../alerting/routing.ts';
import { alertRefusal, received } from '../domain/alerts/alert.ts';
import { PostableAlerts } from '../domain/alerts/api-v2.ts';
import { Fault, type FieldError } from '../domain/faults.ts';
import { route } from './route.ts';

/** Prometheus sends 64 alerts at a time; API Gateway takes 10 MB, and Lambda 6 MB of them. */
const LONGEST_BODY = 4 * 1024 * 1024;

const refused = (errors: readonly FieldError[]): Fault =>
  new Fault('InvalidRequest', `${errors.length} of these alerts are not valid; the others were taken.`, { errors });

/** POST /api/v2/alerts */
export const postAlerts = route({
  method: 'POST',
  path: '/api/v2/alerts',
  action: 'post-alerts',
  summary: "Take alerts in, as Prometheus sends them (Alertmanager's API)",
  access: 'operator',
  longestBody: LONGEST_BODY,
  body: PostableAlerts,
  answers: { 200: null },
  handler: async ({ body }, { by, at }) => {
    const now = Date.parse(at);
    const routing = await routingOf(by.project);
    const all = body.map((posted, index) => {
      const alert = received(posted, now, routing.config.resolveTimeoutMs);
      return { alert, index, refusal: alertRefusal(alert) };
    });
    const good = all.flatMap(({ alert, refusal }) => (refusal === undefined ? [alert] : []));
    await receiveAlerts(routing, good, now);
    const wrong = all.flatMap(({ index, refusal }) =>
      refusal === undefined ? [] : [{ pointer: `/${index}`, detail: refusal }],
    );
    if (wrong.length > 0) throw refused(wrong);
    return { status: 200 };
  },
});
