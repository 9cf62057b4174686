import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { Grant, grantOf } from '../domain/grant.ts';
import { mayAct } from '../domain/principal.ts';
import { env } from '../runtime/env.ts';
import { makeToken, NewTokenView } from './make-token.ts';
import { route } from './route.ts';

const Traded = z.enum(['viewer', 'operator', 'admin']);

/** Which AWS identities may have which role: `{"arn:aws:iam::…:role/ci": "operator", "arn:…:role/shop": "shop:admin"}`. */
const IamRoles = z
  .string()
  .default('{}')
  .transform((json) => z.record(z.string(), Grant).parse(JSON.parse(json)));

const { IAM_ROLES: roles } = env({ IAM_ROLES: IamRoles });

const HOUR_SECONDS = 3600;

const TradeToken = z.strictObject({
  /** The most the identity may have, if nothing is said. */
  role: Traded.optional(),
  expiresInHours: z.number().int().min(1).max(12).default(1),
});

/** POST /v1/token: the one route behind the gateway's IAM authorizer. */
export const tradeToken = route({
  method: 'POST',
  path: '/v1/token',
  action: 'trade-token',
  summary: 'Trade an AWS identity (SigV4) for a token of at most 12 hours',
  access: 'iam',
  body: TradeToken.prefault({}),
  answers: { 201: NewTokenView },
  handler: ({ body }, call) => {
    const arn = call.by.id.slice('aws:'.length);
    const grant = roles[arn];
    if (grant === undefined)
      throw new Fault('Forbidden', `${arn} has no role here: an admin adds it to the context key iamRoles.`);
    const { project, role: most, system } = grantOf(grant);
    const role = body.role ?? most;
    if (!mayAct(most, role)) throw new Fault('Forbidden', `${arn} may be ${most} here, not ${role}.`);
    return makeToken(call, {
      name: call.by.name,
      role,
      project,
      system: system && role === 'admin',
      seconds: body.expiresInHours * HOUR_SECONDS,
    });
  },
});
