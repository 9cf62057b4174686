import * as z from 'zod';
import { TokenId } from '../domain/ids.ts';
import * as table from '../store/table.ts';
import * as tokens from '../store/tokens.ts';
import { audited } from './audited.ts';
import { tokenOf } from './gate.ts';
import { tokenView } from './make-token.ts';
import { route } from './route.ts';

/** DELETE /v1/tokens/{id} */
export const revokeToken = route({
  method: 'DELETE',
  path: '/v1/tokens/{id}',
  action: 'revoke-token',
  summary: 'Revoke a token at once',
  access: 'admin',
  params: z.strictObject({ id: TokenId }),
  answers: { 204: null },
  handler: async ({ params }, call) => {
    const token = await tokenOf(call.by, params.id);
    if (token.revokedAt === undefined) {
      const told = audited(call, { subject: token.id, before: tokenView(token) });
      await table.transact([tokens.changing({ ...token, revokedAt: call.at }), ...told]);
    }
    return { status: 204 };
  },
});
