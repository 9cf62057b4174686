import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { FAULTS, type FaultName } from '../domain/faults.ts';
import type { Route } from './route.ts';

/** RFC 9457 as this API fills it. */
const ProblemBody = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(FAULTS) as [FaultName, ...FaultName[]]),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const PROBLEM = {
  description: 'A problem, named by its code',
  content: { 'application/problem+json': { schema: ProblemBody } },
};

const FILTER = (fields: readonly string[]) =>
  z
    .string()
    .max(512)
    .optional()
    .meta({
      description: `Terms joined by &: field=value, field!=value, field~part, field!~part. Fields: ${fields.join(', ')}. Terms may also stand in the query string as they are.`,
      example: `${fields[0]}=x`,
    });

const HEADERS = {
  write: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional()
      .meta({ description: 'The same key and request: the same answer, for 24 hours' }),
    'if-match': z.string().max(128).optional().meta({ description: 'The ETag that must still hold' }),
  }),
};

const contentOf = (status: string, schema: z.ZodType | null) =>
  schema === null
    ? { description: `Status ${status}` }
    : { description: `Status ${status}`, content: { 'application/json': { schema } } };

const securityOf = ({ access }: Route) => {
  if (access === 'open') return [];
  return access === 'iam' ? [{ sigv4: [] }] : [{ bearer: [] }];
};

const queryOf = ({ query, filter }: Route): z.ZodObject | undefined =>
  filter === undefined ? query : (query ?? z.strictObject({})).extend({ filter: FILTER(filter) });

const operationOf = (route: Route): ZodOpenApiOperationObject => {
  const query = queryOf(route);
  return {
    operationId: route.action,
    summary: route.summary,
    description: `Needs: ${route.access === 'open' ? 'nothing' : route.access === 'iam' ? 'AWS credentials' : `role ${route.access}`}.`,
    tags: [route.path.split('/')[2] ?? 'v1'],
    security: securityOf(route),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(query ? { query } : {}),
      ...(route.method === 'GET' ? {} : { header: HEADERS.write }),
    },
    ...(route.body
      ? {
          requestBody: {
            content: { 'application/json': { schema: route.body } },
            required: !route.body.safeParse(undefined).success,
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, schema]) => [status, contentOf(status, schema)]),
      ),
      default: PROBLEM,
    },
  };
};

const pathsOf = (routes: readonly Route[]): ZodOpenApiPathsObject => {
  const paths: ZodOpenApiPathsObject = {};
  // By path, so that moving a route between functions changes nothing here.
  for (const route of routes.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return paths;
};

/** The description of the API, made of the route table; docs/openapi.json is this, checked in. */
export const openapiOf = (routes: readonly Route[]) =>
  createDocument({
    openapi: '3.1.0',
    info: {
      title: 'NovaCron',
      version: 'v1',
      description: 'One control plane for virtual machines on Amazon EC2 and on libvirt/KVM hosts.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: pathsOf(routes),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An OIDC token, or one of ours (nc_…)' },
        sigv4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4, service execute-api',
        },
      },
    },
  });
