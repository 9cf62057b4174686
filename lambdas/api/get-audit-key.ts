import * as z from 'zod';
import { HeadKey } from '../domain/chain.ts';
import * as heads from '../store/heads.ts';
import { route } from './route.ts';

/** GET /v1/audit/key */
export const getAuditKey = route({
  method: 'GET',
  path: '/v1/audit/key',
  action: 'get-audit-key',
  summary: 'The public keys that the heads of audit logs are checked by; none before the first head',
  access: 'viewer',
  pastToo: true,
  answers: { 200: z.strictObject({ items: z.array(HeadKey) }) },
  handler: async () => ({ status: 200, body: { items: await heads.keys() } }),
});
