import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as alerts from '../../lambdas/api/alerts.ts';
import { ALERTS } from '../../lambdas/api/alerts-routes.ts';
import * as answers from '../../lambdas/api/answers.ts';
import { ANSWERS } from '../../lambdas/api/answers-routes.ts';
import * as audit from '../../lambdas/api/audit.ts';
import { AUDIT } from '../../lambdas/api/audit-routes.ts';
import * as calendars from '../../lambdas/api/calendars.ts';
import { CALENDARS } from '../../lambdas/api/calendars-routes.ts';
import * as channels from '../../lambdas/api/channels.ts';
import { CHANNELS } from '../../lambdas/api/channels-routes.ts';
import { GROUPS } from '../../lambdas/api/groups-routes.ts';
import * as hosts from '../../lambdas/api/hosts.ts';
import { HOSTS } from '../../lambdas/api/hosts-routes.ts';
import * as ingest from '../../lambdas/api/ingest.ts';
import { INGEST } from '../../lambdas/api/ingest-routes.ts';
import { matcherOf } from '../../lambdas/api/match.ts';
import * as metrics from '../../lambdas/api/metrics.ts';
import { METRICS } from '../../lambdas/api/metrics-routes.ts';
import * as previews from '../../lambdas/api/previews.ts';
import { PREVIEWS } from '../../lambdas/api/previews-routes.ts';
import * as projects from '../../lambdas/api/projects.ts';
import { PROJECTS } from '../../lambdas/api/projects-routes.ts';
import * as reach from '../../lambdas/api/reach.ts';
import { REACH } from '../../lambdas/api/reach-routes.ts';
import * as read from '../../lambdas/api/read.ts';
import * as report from '../../lambdas/api/report.ts';
import { REPORT } from '../../lambdas/api/report-routes.ts';
import type { Route } from '../../lambdas/api/route.ts';
import * as rules from '../../lambdas/api/rules.ts';
import { RULES } from '../../lambdas/api/rules-routes.ts';
import * as schedules from '../../lambdas/api/schedules.ts';
import { SCHEDULES } from '../../lambdas/api/schedules-routes.ts';
import * as silences from '../../lambdas/api/silences.ts';
import { SILENCES } from '../../lambdas/api/silences-routes.ts';
import * as windows from '../../lambdas/api/windows.ts';
import { WINDOWS } from '../../lambdas/api/windows-routes.ts';
import * as write from '../../lambdas/api/write.ts';

type Handler = typeof read.handler;

/** The functions with routes of their own, as lib/api-stack.ts wires them; the rest is by the method. */
const WIRED: readonly (readonly [routes: readonly Route[], handler: Handler])[] = [
  [PROJECTS, projects.handler],
  [AUDIT, audit.handler],
  [HOSTS, hosts.handler],
  [REACH, reach.handler],
  [REPORT, report.handler],
  [SCHEDULES, schedules.handler],
  [PREVIEWS, previews.handler],
  [[...CALENDARS, ...GROUPS], calendars.handler],
  [WINDOWS, windows.handler],
  [RULES, rules.handler],
  [ALERTS, alerts.handler],
  [SILENCES, silences.handler],
  [CHANNELS, channels.handler],
  [ANSWERS, answers.handler],
  [INGEST, ingest.handler],
  [METRICS, metrics.handler],
];

const fits = (routes: readonly Route[], method: string, path: string): boolean =>
  matcherOf(routes)(method, path) !== undefined;

const handlerOf = (method: string, path: string): Handler =>
  WIRED.find(([routes]) => fits(routes, method, path))?.[1] ??
  (method === 'GET' || !path.startsWith('/v1/') ? read.handler : write.handler);

/** Bytes. API Gateway itself refuses more than 10,240; what is longer than a schema allows is to reach our own code here, percent-encoded. */
const LONGEST_HEAD = 65_536;

/** The role whose signature the gateway of tests believes; it never looks at the signature itself. */
export const SIGNED = 'AWS4-HMAC-SHA256 Credential=AKIATEST/20261125/eu-central-1/execute-api/aws4_request';
const SIGNER = 'arn:aws:sts::123456789012:assumed-role/root/session';

/** What API Gateway itself refuses: more than its 10 MB, and the one route that needs a signature without one. */
const refusedBy = (
  request: IncomingMessage,
  path: string,
  body: Buffer,
): [status: number, message: string] | undefined => {
  if (body.length > 10 * 1024 * 1024) return [413, 'Request Entity Too Large'];
  const isSigned = request.headers.authorization === SIGNED;
  return request.method === 'POST' && path === '/v1/token' && !isSigned ? [403, 'Forbidden'] : undefined;
};

const textOf = (body: Buffer): { body?: string; isBase64Encoded: boolean } => {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body)
    ? { body: text, isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
};

const eventOf = (request: IncomingMessage, url: string, body: Buffer, count: number): APIGatewayProxyEventV2 => {
  const { method = 'GET', headers } = request;
  const [rawPath = '/', ...query] = url.split('?');
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query.join('?'),
    // Of a header that came twice API Gateway joins the values.
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: {
      requestId: `request-${count}`,
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'test' },
      ...(rawPath === '/v1/token' ? { authorizer: { iam: { userArn: SIGNER } } } : {}),
    },
    ...textOf(body),
  };
  // Only what the functions read is there.
  return event as unknown as APIGatewayProxyEventV2;
};

const CONTEXT = { awsRequestId: 'lambda-1', functionName: 'api', getRemainingTimeInMillis: () => 29_000 };

const answerOf = (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { method } = event.requestContext.http;
  return handlerOf(method, event.rawPath)(event, CONTEXT as unknown as Context);
};

/** API Gateway's part, in this process and over plain HTTP, in front of the API's own functions. */
export interface Gateway {
  readonly url: string;
  /** Requests answered, by their status. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly close: () => Promise<void>;
}

/** Starts it on a free port of the loopback; `between` is what happens in the world after each answer. */
export const startGateway = async (between: () => Promise<void> = async () => undefined): Promise<Gateway> => {
  const statuses = new Map<number, number>();
  let count = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const [body, url] = [Buffer.concat(parts), request.url ?? '/'];
    count += 1;
    const refused = refusedBy(request, url.split('?')[0] ?? '', body);
    const answer = refused
      ? {
          statusCode: refused[0],
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ message: refused[1] }),
        }
      : await answerOf(eventOf(request, url, body, count));
    const { statusCode = 200, headers = {} } = answer;
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    response.writeHead(
      statusCode,
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    );
    response.end(answer.body);
    await between();
  };
  const server = createServer({ maxHeaderSize: LONGEST_HEAD }, (request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // `listen` on a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    statuses,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
};
