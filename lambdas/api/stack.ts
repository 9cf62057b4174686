import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { costOf } from '../domain/allowance.ts';
import { requestHash } from '../domain/asked.ts';
import { FAULTS, Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { mayAct, PROJECT_HEADER, type Principal } from '../domain/principal.ts';
import { authenticate } from '../runtime/authenticate.ts';
import * as limits from '../runtime/limits.ts';
import { logger, measure } from '../runtime/powertools.ts';
import { faultOf } from '../runtime/problem.ts';
import * as audit from '../store/audit.ts';
import * as keys from '../store/keys.ts';
import { type Answer, refused, written } from './answer.ts';
import { principalOfAws } from './aws-identity.ts';
import { type Match, matcherOf, refusalOf } from './match.ts';
import { rawOf } from './request.ts';
import type { Access, Call, Route } from './route.ts';

/** The event, and what the middlewares found out about it on its way. */
interface Request extends APIGatewayProxyEventV2 {
  match?: Match;
  principal?: Principal;
}
type Middleware = MiddlewareObj<Request, Answer>;

/** Printable ASCII, as an HTTP header can carry; long enough for two UUIDs. */
const KEY = /^[\x21-\x7e]{1,128}$/;

const keyOf = (event: Request): { key: string } | undefined => {
  const key = event.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (KEY.test(key)) return { key };
  throw new Fault('InvalidRequest', 'An Idempotency-Key is 1 to 128 printable ASCII characters without spaces.', {
    errors: [{ pointer: 'header/idempotency-key', detail: '1 to 128 printable ASCII characters' }],
  });
};

const LONGEST_ETAG = 128;

const ifMatchOf = (event: Request): { ifMatch: string } | undefined => {
  const ifMatch = event.headers['if-match'];
  if (ifMatch === undefined) return undefined;
  if (ifMatch.length <= LONGEST_ETAG) return { ifMatch };
  throw new Fault('InvalidRequest', `If-Match is at most ${LONGEST_ETAG} characters.`, {
    errors: [{ pointer: 'header/if-match', detail: `at most ${LONGEST_ETAG} characters` }],
  });
};

const ANYBODY: Principal = {
  id: 'anybody',
  name: 'anybody',
  project: DEFAULT_PROJECT,
  role: 'viewer',
  system: false,
};

const callOf = (event: Request, { route }: Match, raw: { query: unknown; body: unknown }): Call => {
  const { requestId, http } = event.requestContext;
  return {
    by: event.principal ?? ANYBODY,
    action: route.action,
    from: http.sourceIp,
    requestId,
    at: new Date().toISOString(),
    // Whoever is nobody in particular has no keys, and is no reason to look one up.
    ...(route.access === 'open' ? {} : keyOf(event)),
    // A host's reports come without a key, so that none is ever compared; they are most of all bodies.
    hash: route.access === 'host' ? '' : requestHash(route.method, event.rawPath, raw),
    ...ifMatchOf(event),
    event,
    method: route.method,
  };
};

const handle = async (event: Request): Promise<Answer> => {
  // `matched` ran before, or this would not run.
  const match = event.match as Match;
  const raw = rawOf(event, match.route, match.params);
  const call = callOf(event, match, raw);
  const earlier = match.route.method === 'GET' ? {} : await keys.earlierOf(call);
  const reply = await match.route.run(raw, { ...call, earlier });
  return written(reply, event.requestContext.requestId);
};

/** Finds the route, so that authentication knows whom it lets in. */
const matched = (routes: readonly Route[]): Middleware => {
  const match = matcherOf(routes);
  return {
    before: async ({ event }) => {
      const { method } = event.requestContext.http;
      const found = match(method, event.rawPath);
      if (found === undefined) throw await refusalOf(method, event.rawPath);
      event.match = found;
    },
  };
};

const mayCall = (access: Access, { role, system }: Principal): boolean => {
  if (access === 'open' || access === 'iam') return true;
  return access === 'system' ? system : mayAct(role, access);
};

const authorise = ({ access, action }: Route, principal: Principal): void => {
  if (mayCall(access, principal)) return;
  const needed = access === 'system' ? 'an admin of the installation' : `the role ${access}`;
  const { name, role, project } = principal;
  throw new Fault('Forbidden', `${action} needs ${needed}; ${name} is ${role} in ${project}.`);
};

const senderOf = ({ headers, requestContext }: Request): limits.Sender => ({
  address: requestContext.http.sourceIp,
  authorization: headers.authorization,
  project: headers[PROJECT_HEADER],
});

/** What was asked too much of is told so at once: nothing is verified, looked up, logged or audited for it. */
const limited: Middleware = {
  before: ({ event }) => {
    const { access } = (event.match as Match).route;
    const fault = access === 'open' || access === 'iam' ? undefined : limits.refusalOf(senderOf(event));
    return fault && refused(fault, event.requestContext.requestId);
  },
};

const principalOf = async ({ access, pastToo }: Route, event: Request): Promise<Principal> => {
  if (access === 'iam') return principalOfAws(event);
  const sender = senderOf(event);
  try {
    return await authenticate({ ...sender, pastToo }, new Date().toISOString());
  } catch (error) {
    if (error instanceof Fault && error.name === 'Unauthenticated') limits.countBad(sender);
    throw error;
  }
};

const waitOf = ({ rawQueryString }: Request): number =>
  Number(new URLSearchParams(rawQueryString).getAll('wait').at(-1));

/** Who asks, that it asks not too much, and whether the route is theirs. */
const authenticated: Middleware = {
  before: async ({ event }) => {
    const { route } = event.match as Match;
    if (route.access === 'open') return;
    const principal = await principalOf(route, event);
    // As long as it is not said who asks, a refusal is not audited: a flood would fill the log.
    await limits.admit(senderOf(event), principal, costOf(waitOf(event)));
    event.principal = principal;
    logger.appendKeys({ by: principal.id, project: principal.project, action: route.action });
    authorise(route, principal);
    // What administers the installation is its own matter, whichever project the caller acts in.
    if (route.access === 'system') event.principal = { ...principal, project: DEFAULT_PROJECT };
  },
};

/** A refused change is told to the auditor, once it is known who asked; that must not spoil the answer. */
const auditRefusal = async ({ match, principal, requestContext }: Request, fault: Fault): Promise<void> => {
  if (principal === undefined || match === undefined || match.route.method === 'GET') return;
  if (principal.role === 'host') return;
  try {
    await audit.append({
      at: new Date().toISOString(),
      project: principal.project,
      action: match.route.action,
      by: principal.id,
      role: principal.role,
      from: requestContext.http.sourceIp,
      requestId: requestContext.requestId,
      ...(match.params.id === undefined ? {} : { subject: match.params.id.slice(0, 64) }),
      outcome: 'refused',
      reason: `${fault.name}: ${fault.message}`.slice(0, 2000),
    });
  } catch (error) {
    logger.error('the audit row of a refusal could not be written', { error });
  }
};

/** Every failure becomes a problem; what we did not name stays in the log. */
const problems: Middleware = {
  onError: async (request) => {
    const fault = faultOf(request.error);
    if (FAULTS[fault.name].status === 500) logger.error('a request failed', { error: request.error });
    else logger.info('a request was refused', { fault: fault.name, detail: fault.message });
    measure({ RequestRefused: 1 }, { fault: fault.name });
    await auditRefusal(request.event, fault);
    request.response = refused(fault, request.event.requestContext.requestId);
  },
};

/** The one middleware stack of every API function: log, count, turn faults into problems, find the route, authenticate. */
export const serve = (routes: readonly Route[]) =>
  middy<Request, Answer>(handle)
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(problems)
    .use(matched(routes))
    .use(limited)
    .use(authenticated);
