import { Fault } from '../domain/faults.ts';
import type { Principal } from '../domain/principal.ts';
import * as tokens from '../store/tokens.ts';
import { principalOfJwt } from './json-web-token.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i;

const refused = (detail: string): Fault => new Fault('Unauthenticated', detail);

/** Who one of our own tokens stands for, at this moment. */
const principalOfToken = async (text: string, now: string): Promise<Principal> => {
  const token = tokens.SHAPE.test(text) ? await tokens.byText(text) : undefined;
  if (token === undefined) throw refused('There is no such token.');
  if (token.revokedAt !== undefined) throw refused(`The token ${token.name} was revoked at ${token.revokedAt}.`);
  if (token.expiresAt <= now) throw refused(`The token ${token.name} expired at ${token.expiresAt}.`);
  const id = token.hostId === undefined ? `token:${token.id}` : `host:${token.hostId}`;
  const host = token.hostId === undefined ? {} : { hostId: token.hostId };
  return { id, name: token.name, role: token.role, endsAt: token.expiresAt, ...host };
};

/**
 * Who asks, by the Authorization header: an OIDC token, or one of ours (`nc_…`).
 * @throws Unauthenticated, Forbidden
 */
export const authenticate = async (authorization: string | undefined, now: string): Promise<Principal> => {
  if (authorization === undefined) throw refused('Send a token: Authorization: Bearer <token>.');
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw refused('The Authorization header is not of the form Bearer <token>.');
  return token.startsWith('nc_') ? principalOfToken(token, now) : principalOfJwt(token);
};
