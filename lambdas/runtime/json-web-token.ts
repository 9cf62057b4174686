import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { highest, type Identity, type Membership, Role } from '../domain/principal.ts';
import { ProjectId } from '../domain/project.ts';
import { csv, env, text } from './env.ts';

const settings = env({ OIDC_ISSUER: text, OIDC_AUDIENCE: csv, OIDC_JWKS_URI: text.optional() });

/** Beyond this a caller has given up; a cold start fetches once, then the keys are kept. */
const FETCH_MS = 3000;

const unreachable = (cause: unknown): Fault =>
  new Fault('ProviderUnreachable', 'The token issuer does not give its keys; try again.', { cause });

/** A key set is a few kB; what goes on without end would fill our memory. */
const MOST_KEY_BYTES = 65_536;

const bytesOf = async ({ body }: Response): Promise<ArrayBuffer> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > MOST_KEY_BYTES) throw new Error(`the key set is larger than ${MOST_KEY_BYTES} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts)).buffer;
};

/** RFC 7515, 4.1.11: a token that says it must be understood in a way that we do not know is not taken. */
const refuseCritical = ({ header }: { readonly header: object }): void => {
  if ('crit' in header) throw refused();
};

const fetchKeys = async (uri: string): Promise<ArrayBuffer> => {
  try {
    const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`${uri} answers ${response.status}`);
    return await bytesOf(response);
  } catch (error) {
    throw unreachable(error);
  }
};

/** Access tokens of Cognito name the client in `client_id` and have no `aud`, so the audience is checked by us, on both. */
const verifier = JwtVerifier.create(
  {
    issuer: settings.OIDC_ISSUER,
    audience: null,
    customJwtCheck: refuseCritical,
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

/** `novacron-<role>` is a role in `default`, `novacron-<project>-<role>` one in that project; a role has no `-`. */
const GROUP = /^novacron-(?:(.+)-)?(viewer|operator|admin)$/;

/** Whoever is in it administers the installation, too. */
const SYSTEM_GROUP = 'novacron-admin';

/** A list, or API Gateway's way of writing one into a string: `[operator viewer]`. */
const groupsOf = (claim: string | readonly string[] | undefined): readonly string[] =>
  typeof claim === 'string' ? claim.replace(/^\[|\]$/g, '').split(/[\s,]+/) : (claim ?? []);

const membershipOf = (group: string): Membership[] => {
  const [found, project = DEFAULT_PROJECT, role] = GROUP.exec(group) ?? [];
  if (found === undefined || !ProjectId.safeParse(project).success) return [];
  return [{ project, role: Role.parse(role) }];
};

const standingOf = (claims: Claims): Pick<Identity, 'memberships' | 'system'> => {
  const groups = [...groupsOf(claims['cognito:groups']), ...groupsOf(claims.groups)];
  const memberships = highest(groups.flatMap(membershipOf));
  if (memberships.length > 0) return { memberships, system: groups.includes(SYSTEM_GROUP) };
  const wanted = 'novacron-<role> or novacron-<project>-<role>, where a role is viewer, operator or admin';
  throw new Fault('Forbidden', `You are in none of the groups ${wanted}.`);
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
 * Whom an OIDC token stands for. Signature by the issuer's published keys (asymmetric algorithms only), issuer, audience,
 * `exp` (which must be there) and `nbf` are checked. @throws Unauthenticated, Forbidden where no group of ours is claimed
 */
export const identityOfJwt = async (token: string): Promise<Identity> => {
  const claims = await verified(token);
  if (!isForUs(claims)) throw refused();
  const name = claims.email ?? claims['cognito:username'] ?? claims.username ?? claims.sub;
  return { id: `oidc:${settings.OIDC_ISSUER}#${claims.sub}`, name, ...standingOf(claims) };
};

/** For tests and for issuers that publish nothing: keys known beforehand. */
export const trustKeys = (jwks: Parameters<typeof verifier.cacheJwks>[0]): void => verifier.cacheJwks(jwks);
