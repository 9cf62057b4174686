import * as z from 'zod';
import { Instant } from '../domain/ids.ts';
import { publish } from '../runtime/bus.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { route } from './route.ts';

/** POST /v1/findings/actions/check: asks the timed job to run now, for no request reads a whole table. */
export const checkFindings = route({
  method: 'POST',
  path: '/v1/findings/actions/check',
  action: 'check-findings',
  summary: 'Audit the installation now; GET /v1/findings has it once its run is not older than `askedAt`',
  access: 'system',
  answers: { 202: z.strictObject({ askedAt: Instant }).meta({ id: 'AuditAsked' }) },
  handler: async (_, call) => {
    const { at: askedAt, by, requestId } = call;
    await table.transact(audited(call, {}));
    await publish({ noun: 'finding', type: 'Audit Requested', id: requestId, detail: { by: by.id } });
    return { status: 202, headers: { location: '/v1/findings' }, body: { askedAt } };
  },
});
