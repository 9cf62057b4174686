import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { WINDOW_SECONDS } from '../domain/allowance.ts';
import { FAULTS, type Fault } from '../domain/faults.ts';
import { problemOf } from '../runtime/problem.ts';
import type { Reply } from './route.ts';

export type Answer = APIGatewayProxyStructuredResultV2;

const SECURITY = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=31536000',
};

/** A reply as API Gateway takes it. */
export const written = ({ status, body, headers }: Reply, requestId: string): Answer => {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...SECURITY, 'x-request-id': requestId, ...headers },
    ...(text === undefined ? {} : { body: text }),
  };
};

/** draft-ietf-httpapi-ratelimit-headers, told only where a limit was reached. */
const limitHeaders = ({ limit }: Fault, seconds: number): Record<string, string> =>
  limit === undefined
    ? {}
    : {
        'ratelimit-policy': `"${limit.name}";q=${limit.most};w=${WINDOW_SECONDS}`,
        ratelimit: `"${limit.name}";r=0;t=${seconds}`,
      };

const extraHeaders = (fault: Fault): Record<string, string> => {
  const { name, message, retryAfterSeconds = 2 } = fault;
  if (name === 'Unauthenticated') return { 'www-authenticate': 'Bearer realm="novacron"' };
  if (name === 'MethodNotAllowed') return { allow: / takes ([A-Z, ]+), not /.exec(message)?.[1] ?? '' };
  if (!FAULTS[name].retry) return {};
  return { 'retry-after': String(retryAfterSeconds), ...limitHeaders(fault, retryAfterSeconds) };
};

/** The answer to a fault: RFC 9457, and when to come again. */
export const refused = (fault: Fault, requestId: string): Answer => {
  const body = problemOf(fault, requestId);
  const headers = { 'content-type': 'application/problem+json', ...extraHeaders(fault) };
  return written({ status: body.status, body, headers }, requestId);
};
