import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { FAULTS, type FaultName } from '../domain/faults.ts';
import { PROJECT_HEADER } from '../domain/principal.ts';
import { ProjectId } from '../domain/project.ts';
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
  project: z.object({
    [PROJECT_HEADER]: ProjectId.optional().meta({
      description: 'The project you act in; without it the only one you have a role in, else default',
    }),
  }),
  write: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional()
      .meta({ description: 'The same key and request: the same answer, for 24 hours' }),
    'if-match': z.string().max(128).optional().meta({ description: 'The ETag that must still hold' }),
  }),
};

/** What API Gateway itself says where a signature is missing or wrong: before any code of ours runs. */
const UNSIGNED = {
  description: 'Not signed with AWS credentials that may ask here',
  content: { 'application/json': { schema: z.object({ message: z.string() }).meta({ id: 'GatewayRefusal' }) } },
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

const NEEDS: Readonly<Record<Route['access'], string>> = {
  open: 'nothing',
  iam: 'AWS credentials',
  viewer: 'the role viewer in the project',
  operator: 'the role operator in the project',
  admin: 'the role admin in the project',
  system: 'an admin of the installation',
  host: "a host's own token",
};

/** Whom a role lets in, a project is chosen for. */
const headersOf = ({ method, access }: Route): z.ZodObject | undefined => {
  const choosing = ['open', 'iam', 'host'].includes(access) ? undefined : HEADERS.project;
  if (method === 'GET' || access === 'open') return choosing;
  return choosing ? HEADERS.write.extend(choosing.shape) : HEADERS.write;
};

const operationOf = (route: Route): ZodOpenApiOperationObject => {
  const query = queryOf(route);
  const header = headersOf(route);
  return {
    operationId: route.action,
    summary: route.summary,
    description: `Needs: ${NEEDS[route.access]}.`,
    tags: [route.path.split('/')[2] ?? 'v1'],
    security: securityOf(route),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(query ? { query } : {}),
      ...(header ? { header } : {}),
    },
    ...(route.body
      ? {
          requestBody: {
            content: {
              [route.form ? 'application/x-www-form-urlencoded' : 'application/json']: { schema: route.body },
            },
            required: !route.body.safeParse(undefined).success,
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, schema]) => [status, contentOf(status, schema)]),
      ),
      ...(route.access === 'iam' ? { 403: UNSIGNED } : {}),
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
