import * as z from 'zod';
import { reconcile } from '../schedules/reconcile.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { route } from './route.ts';

/** POST /v1/reconcile */
export const reconcileNow = route({
  method: 'POST',
  path: '/v1/reconcile',
  action: 'reconcile',
  summary: 'Compare what is held with what EC2 reports, now; hosts tell theirs each minute',
  access: 'system',
  answers: { 200: z.record(z.string(), z.number()) },
  handler: async (_, call) => {
    const counts = await reconcile();
    await table.transact(audited(call, { after: { ...counts } }));
    return { status: 200, body: counts };
  },
});
