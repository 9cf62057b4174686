import { etagOf } from '../domain/asked.ts';
import * as routings from '../store/routing.ts';
import { route } from './route.ts';
import { RoutingView, routingView } from './routing-view.ts';

/** GET /v1/routes */
export const getRouting = route({
  method: 'GET',
  path: '/v1/routes',
  action: 'get-routing',
  summary: "Show how the project's alerts find their receivers: Alertmanager's file",
  access: 'viewer',
  answers: { 200: RoutingView },
  handler: async (_, { by }) => {
    const view = routingView(await routings.find(by.project));
    return { status: 200, headers: { etag: etagOf(view) }, body: view };
  },
});
