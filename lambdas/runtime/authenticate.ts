import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { actingIn, type Identity, noMember, type Principal } from '../domain/principal.ts';
import { projectOf } from '../domain/project.ts';
import * as projects from '../store/projects.ts';
import * as tokens from '../store/tokens.ts';
import { identityOfJwt } from './json-web-token.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i;

const refused = (detail: string): Fault => new Fault('Unauthenticated', detail);

/** Whom one of our own tokens stands for, at this moment. */
const identityOfToken = async (text: string, now: string): Promise<Identity> => {
  const token = tokens.SHAPE.test(text) ? await tokens.byText(text) : undefined;
  if (token === undefined) throw refused('There is no such token.');
  if (token.revokedAt !== undefined) throw refused(`The token ${token.name} was revoked at ${token.revokedAt}.`);
  if (token.expiresAt <= now) throw refused(`The token ${token.name} expired at ${token.expiresAt}.`);
  const id = token.hostId === undefined ? `token:${token.id}` : `host:${token.hostId}`;
  const host = token.hostId === undefined ? {} : { hostId: token.hostId };
  const memberships = [{ project: projectOf(token), role: token.role }];
  const system = tokens.isSystem(token);
  return { id, name: token.name, memberships, system, endsAt: token.expiresAt, ...host };
};

/** A project that somebody has a group of may never have been made, or was deleted; a token of ours keeps its own alive. */
const assertThere = async ({ project, system, endsAt }: Principal, pastToo: boolean): Promise<void> => {
  const isKnown = project === DEFAULT_PROJECT || (endsAt !== undefined && !system);
  if (isKnown) return;
  const find = system && pastToo ? projects.findEver : projects.find;
  if ((await find(project)) !== undefined) return;
  throw system ? projects.notFound(project) : noMember(project);
};

export interface Shown {
  /** The Authorization header: an OIDC token, or one of ours (`nc_…`). */
  readonly authorization: string | undefined;
  /** The project that the request names. */
  readonly project: string | undefined;
  /** Whether an admin of the installation may name a project that is deleted. */
  readonly pastToo?: boolean | undefined;
}

/** Who asks, and in which project. @throws Unauthenticated, Forbidden, ProjectNotFound, InvalidRequest where the project must be named */
export const authenticate = async (
  { authorization, project, pastToo = false }: Shown,
  now: string,
): Promise<Principal> => {
  if (authorization === undefined) throw refused('Send a token: Authorization: Bearer <token>.');
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw refused('The Authorization header is not of the form Bearer <token>.');
  const identity = await (token.startsWith('nc_') ? identityOfToken(token, now) : identityOfJwt(token));
  const principal = actingIn(identity, project);
  await assertThere(principal, pastToo);
  return principal;
};
