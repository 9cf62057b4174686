import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { route } from './route.ts';

/** GET /api/v2/receivers */
export const listReceivers = route({
  method: 'GET',
  path: '/api/v2/receivers',
  action: 'list-receivers',
  summary: "List the receivers of the project's routing (Alertmanager's API)",
  access: 'viewer',
  answers: { 200: z.array(z.strictObject({ name: z.string() })) },
  handler: async (_, { by }) => {
    const { config } = await routingOf(by.project);
    return { status: 200, body: config.receivers.map(({ name }) => ({ name })) };
  },
});
