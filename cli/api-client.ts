import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, Page, Problem, Route } from './api.ts';

/** Tries of one request in all; the waits between them are 0.5, 1, 2, 4 s, jittered, or what Retry-After says. */
const TRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** API Gateway gives up on an integration after 30 s (HTTP API quota); nothing can answer later than that. */
const REQUEST_TIMEOUT_MS = 35_000;

/** The plane refused, in a problem document or (the gateway itself) by a bare status. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: Problem | undefined;
  readonly requestId: string | undefined;

  constructor(status: number, problem: Problem | undefined, requestId: string | undefined) {
    super(problem?.detail ?? problem?.title ?? `The API answered ${status}`);
    this.status = status;
    this.problem = problem;
    this.requestId = requestId;
  }
}

/** No answer at all: refused, reset, no such name, or too late. `code` is the system's (`ECONNREFUSED` …). */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`No answer (${code})`, { cause });
    this.code = code;
  }
}

export interface ClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** The project to act in; the plane knows one where this says none. */
  readonly project?: string | undefined;
  readonly signal?: AbortSignal;
  /** Told before each wait for another try. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
  /** Longest wait between two tries; tests shorten it. */
  readonly longestWaitMs?: number;
}

export interface CallOptions<R extends Route> {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Api[R] extends { query?: infer Q } ? Q : never;
  readonly body?: Api[R] extends { body?: infer B } ? B : never;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of one plane; `call` is typed by the route. */
export interface ApiClient {
  readonly url: string;
  /** @throws ApiError when refused, Unreachable when nothing answers */
  call<R extends Route>(route: R, options?: CallOptions<R>): Promise<Api[R]['answer']>;
  /** The same, with the ETag of what was answered. */
  ask<R extends Route>(
    route: R,
    options?: CallOptions<R>,
  ): Promise<{ readonly answer: Api[R]['answer']; readonly etag: string | undefined }>;
}

const target = (base: string, template: string, options: CallOptions<Route>): URL => {
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(options.path?.[key] ?? ''));
  const url = new URL(`${base.replace(/\/+$/, '')}${path}`);
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
};

const parseProblem = (type: string, text: string): Problem | undefined => {
  if (!type.includes('problem+json')) return undefined;
  try {
    // Trusted as far as it goes: only shown, and each field of it is optional to the reader.
    return JSON.parse(text) as Problem;
  } catch {
    return undefined;
  }
};

const refusal = async (response: Response): Promise<ApiError> => {
  const problem = parseProblem(response.headers.get('content-type') ?? '', await response.text());
  const gatewayId = response.headers.get('apigw-requestid') ?? response.headers.get('x-amzn-requestid') ?? undefined;
  return new ApiError(response.status, problem, problem?.requestId ?? gatewayId);
};

/** Our own 502 and 504 are verdicts; the gateway's (no problem document) and every 429 and 503 pass by themselves. */
const mayPass = (error: ApiError): boolean =>
  [429, 503].includes(error.status) || (error.problem === undefined && [502, 504].includes(error.status));

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return error instanceof Error && error.name === 'TimeoutError' ? 'ETIMEDOUT' : 'EFAILED';
};

/** Worth another try: a connection that broke. Nobody listening or no such name stays so. */
const brokeOff = (error: unknown): boolean =>
  error instanceof Unreachable && ['ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', 'EPIPE'].includes(error.code);

const retryAfterMs = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
};

/** Makes a client. Every mutation carries its own Idempotency-Key through all its tries, so a repeat changes nothing twice. */
export const apiClient = (options: ClientOptions): ApiClient => {
  const longest = options.longestWaitMs ?? LONGEST_WAIT_MS;

  const once = async (method: string, url: URL, headers: Headers, body: string | undefined): Promise<Response> => {
    const signals = [AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(options.signal ? [options.signal] : [])];
    try {
      return await fetch(url, { method, headers, body: body ?? null, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Unreachable(codeOf(error), error);
    }
  };

  const patiently = async (send: () => Promise<Response>): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      let wait = Math.min(longest, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      let failure: ApiError | Unreachable;
      try {
        const response = await send();
        if (response.ok) return response;
        wait = Math.min(longest, retryAfterMs(response) ?? wait);
        failure = await refusal(response);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        failure = error;
      }
      const hopeful = failure instanceof ApiError ? mayPass(failure) : brokeOff(failure);
      if (!hopeful || attempt === TRIES) throw failure;
      options.onRetry?.(failure.message, wait);
      await sleep(wait, undefined, options.signal ? { signal: options.signal } : {});
    }
  };

  const client: ApiClient = {
    url: options.url,
    async call(route, call) {
      return (await client.ask(route, call)).answer;
    },
    async ask<R extends Route>(route: R, call: CallOptions<R> = {}) {
      const [method = 'GET', template = '/'] = route.split(' ');
      const headers = new Headers({ accept: 'application/json', ...call.headers });
      if (options.token && !headers.has('authorization')) headers.set('authorization', `Bearer ${options.token}`);
      if (options.project) headers.set('novacron-project', options.project);
      if (method !== 'GET') headers.set('idempotency-key', randomUUID());
      const body = call.body === undefined ? undefined : JSON.stringify(call.body);
      if (body !== undefined) headers.set('content-type', 'application/json');
      const url = target(options.url, template, call);
      const response = await patiently(() => once(method, url, headers, body));
      const text = await response.text();
      // The route table types the answer; the server validates what it sends.
      const answer = (text === '' ? undefined : JSON.parse(text)) as Api[R]['answer'];
      return { answer, etag: response.headers.get('etag') ?? undefined };
    },
  };
  return client;
};

/** Every item of a list, page after page. */
export async function* everyItem<T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, cursor: next } = await page(cursor);
    yield* items;
    cursor = next;
  } while (cursor !== undefined);
}
