import * as z from 'zod';
import { env, text } from '../runtime/env.ts';
import { route } from './route.ts';

const { INSTALLATION: installation } = env({ INSTALLATION: text });

/** GET /v1/health: for load balancers and `novacron doctor`; it reads nothing, so it costs nothing. */
export const getHealth = route({
  method: 'GET',
  path: '/v1/health',
  action: 'get-health',
  summary: 'Whether the API answers',
  access: 'open',
  answers: { 200: z.strictObject({ status: z.literal('ok'), installation: z.string() }) },
  handler: async () => ({ status: 200, body: { status: 'ok', installation } }),
});
