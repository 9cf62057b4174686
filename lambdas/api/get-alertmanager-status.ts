import * as z from 'zod';
import { routingOf } from '../alerting/routing.ts';
import { route } from './route.ts';

const Version = z.strictObject({
  branch: z.string(),
  buildDate: z.string(),
  buildUser: z.string(),
  goVersion: z.string(),
  revision: z.string(),
  version: z.string(),
});

/** Whose API it is, and which version of it: programs look at the number. */
const VERSION = {
  branch: '',
  buildDate: '',
  buildUser: 'novacron',
  goVersion: '',
  revision: '',
  version: '0.25.0',
};

/** There is no process that could have been up since then. */
const SINCE = '1970-01-01T00:00:00.000Z';

/** GET /api/v2/status */
export const getAlertmanagerStatus = route({
  method: 'GET',
  path: '/api/v2/status',
  action: 'get-alertmanager-status',
  summary: "Show the project's routing as Alertmanager's API does",
  access: 'viewer',
  answers: {
    200: z.strictObject({
      cluster: z.strictObject({ status: z.literal('disabled'), peers: z.array(z.never()) }),
      config: z.strictObject({ original: z.string() }),
      uptime: z.iso.datetime(),
      versionInfo: Version,
    }),
  },
  handler: async (_, { by }) => {
    const { yaml } = await routingOf(by.project);
    const cluster = { status: 'disabled', peers: [] };
    return { status: 200, body: { cluster, config: { original: yaml }, uptime: SINCE, versionInfo: VERSION } };
  },
});
