import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import type { Principal, Role } from '../domain/principal.ts';
import { csv, env, text } from './env.ts';

const settings = env({ OIDC_ISSUER: text, OIDC_AUDIENCE: csv, OIDC_JWKS_URI: text.optional() });

/** Beyond this a caller has given up; a cold start fetches once, then the keys are kept. */
const FETCH_MS = 3000;

const unreachable = (cause: unknown): Fault =>
  new Fault('ProviderUnreachable', 'The token issuer does not give its keys; try again.', { cause });

const fetchKeys = async (uri: string): Promise<ArrayBuffer> => {
  try {
    const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`${uri} answers ${response.status}`);
    return await response.arrayBuffer();
  } catch (error) {
    throw unreachable(error);
  }
};

/** Access tokens of Cognito name the client in `client_id` and have no `aud`, so the audience is checked by us, on both. */
const verifier = JwtVerifier.create(
  {
    issuer: settings.OIDC_ISSUER,
    audience: null,
    ...(settings.OIDC_JWKS_URI === undefined ? {} : { jwksUri: settings.OIDC_JWKS_URI }),
  },
  { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
);

const Claims = z.looseObject({
  sub: z.string().min(1).max(256),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().optional(),
  email: z.string().optional(),
  username: z.string().optional(),
  exp: z.number(),
  'cognito:username': z.string().optional(),
  'cognito:groups': z.union([z.string(), z.array(z.string())]).optional(),
  groups: z.union([z.string(), z.array(z.string())]).optional(),
});
type Claims = z.infer<typeof Claims>;

const ROLES: readonly [string, Role][] = [
  ['novacron-admin', 'admin'],
  ['novacron-operator', 'operator'],
  ['novacron-viewer', 'viewer'],
];

/** A list, or API Gateway's way of writing one into a string: `[operator viewer]`. */
const groupsOf = (claim: string | readonly string[] | undefined): readonly string[] =>
  typeof claim === 'string' ? claim.replace(/^\[|\]$/g, '').split(/[\s,]+/) : (claim ?? []);

const roleOf = (claims: Claims): Role => {
  const groups = [...groupsOf(claims['cognito:groups']), ...groupsOf(claims.groups)];
  const role = ROLES.find(([group]) => groups.includes(group))?.[1];
  if (role) return role;
  throw new Fault('Forbidden', `You are in none of the groups ${ROLES.map(([group]) => group).join(', ')}.`);
};

const isForUs = ({ aud, client_id }: Claims): boolean =>
  [aud ?? [], client_id ?? []].flat().some((audience) => settings.OIDC_AUDIENCE.includes(audience));

const refused = (cause?: unknown): Fault =>
  new Fault('Unauthenticated', 'The token is not valid here: expired, from another issuer, or for another audience.', {
    cause,
  });

const verified = async (token: string): Promise<Claims> => {
  try {
    return Claims.parse(await verifier.verify(token));
  } catch (error) {
    throw error instanceof Fault ? error : refused(error);
  }
};

/**
 * Who an OIDC token stands for. Signature by the issuer's published keys (asymmetric algorithms only), issuer, audience,
 * `exp` (which must be there) and `nbf` are checked. @throws Unauthenticated, Forbidden where no group of ours is claimed
 */
export const principalOfJwt = async (token: string): Promise<Principal> => {
  const claims = await verified(token);
  if (!isForUs(claims)) throw refused();
  const name = claims.email ?? claims['cognito:username'] ?? claims.username ?? claims.sub;
  return { id: `oidc:${settings.OIDC_ISSUER}#${claims.sub}`, name, role: roleOf(claims) };
};

/** For tests and for issuers that publish nothing: keys known beforehand. */
export const trustKeys = (jwks: Parameters<typeof verifier.cacheJwks>[0]): void => verifier.cacheJwks(jwks);
