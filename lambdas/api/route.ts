import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Asked } from '../domain/asked.ts';
import type { Fields } from '../domain/filter.ts';
import type { Role } from '../domain/principal.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * Who may call a route: a role in the project and those above it, an admin of the installation, everybody, or whoever
 * signed with AWS credentials.
 */
export type Access = Role | 'system' | 'open' | 'iam';

/** What a handler answers; the body is written as JSON unless it is text. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What arrived, before it was looked at. */
export interface Raw {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Filter terms of the query string, joined. */
  readonly filter: string;
  readonly body: unknown;
}

/** The request around the input: who asks, and the event for the few that need more of it. */
export interface Call extends Asked {
  readonly event: APIGatewayProxyEventV2;
  readonly method: Method;
}

type None = z.ZodObject<Record<never, never>, z.core.$strict>;

export interface Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly method: Method;
  /** With parameters in braces: `/v1/vms/{id}`. */
  readonly path: string;
  /** One word for audit, OpenAPI and metrics: `stop-vm`. */
  readonly action: string;
  readonly summary: string;
  readonly access: Access;
  /** Whether an admin of the installation may ask it of a project that is deleted: of what is left of it. */
  readonly pastToo?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Answers by status; null has no JSON body. Problems are understood. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Fields of the filter grammar, for lists. */
  readonly filter?: readonly string[];
  /** Its body is a form, and is given as the text that came: who sent it has signed that. */
  readonly form?: true;
  /** Bytes; more is refused unread. */
  readonly longestBody?: number;
  readonly handler: (
    input: { params: z.output<P>; query: z.output<Q>; body: z.output<B>; filter: string },
    call: Call,
  ) => Promise<Reply>;
}

/** A route of the table: its description, and `run`, which validates before it handles. */
export interface Route extends Omit<Spec<z.ZodObject, z.ZodObject, z.ZodType>, 'handler'> {
  readonly run: (raw: Raw, call: Call) => Promise<Reply>;
}

const NONE: None = z.strictObject({});

/**
 * Declares a route. Path, query and body are validated together, so that one answer names every wrong field.
 * @throws z.ZodError from `run`, with paths that begin with path, query or body
 */
export const route = <P extends z.ZodObject = None, Q extends z.ZodObject = None, B extends z.ZodType = z.ZodUndefined>(
  spec: Spec<P, Q, B>,
): Route => {
  const { handler, ...rest } = spec;
  const input = z.object({
    path: spec.params ?? NONE,
    query: spec.query ?? NONE,
    body: spec.body ?? z.undefined({ error: 'this route takes no body' }),
  });
  return {
    ...rest,
    run: async (raw, call) => {
      const read = input.parse({ path: raw.params, query: raw.query, body: raw.body });
      // `input` is built from these very schemas; TypeScript cannot follow the defaults through `??`.
      const typed = read as unknown as { path: z.output<P>; query: z.output<Q>; body: z.output<B> };
      return handler({ params: typed.path, query: typed.query, body: typed.body, filter: raw.filter }, call);
    },
  };
};

/** The names a filter of these fields may use, for the route's description. */
export const filterNames = <T>({ plain, tags }: Fields<T>): string[] => [
  ...Object.keys(plain),
  ...(tags ? ['tag:<key>'] : []),
];
