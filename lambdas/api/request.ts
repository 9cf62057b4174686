import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Fault } from '../domain/faults.ts';
import type { Raw, Route } from './route.ts';

/** Enough for a cloud-init file of 16 kB in base64 and what stands around it. */
const LONGEST_BODY = 131_072;

const bytesOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');

/** Bytes that are no UTF-8 are refused, not replaced: what is stored is what was sent. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** No body of ours goes deeper than 8; what goes on for thousands would end in our own stack, as an error of ours. */
const DEEPEST = 64;

const isTooDeep = (value: unknown): boolean => {
  let level = [value];
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    level = level.flatMap((each) => (each !== null && typeof each === 'object' ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
};

const parsed = (bytes: Buffer): unknown => {
  const value = readJson(bytes);
  if (isTooDeep(value)) throw new Fault('InvalidJson', `The body is nested more than ${DEEPEST} levels deep.`);
  return value;
};

const readJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new Fault('InvalidJson', error instanceof SyntaxError ? error.message : 'The body is not UTF-8.', {
      cause: error,
    });
  }
};

const isJson = (contentType = ''): boolean =>
  /^application\/(json|merge-patch\+json)\s*(;|$)/i.test(contentType.trim());

/** The body as JSON, or as its text where the route takes a form; undefined where there is none. @throws PayloadTooLarge, UnsupportedMediaType, InvalidJson */
const bodyOf = (event: APIGatewayProxyEventV2, longest: number, isForm: boolean): unknown => {
  const bytes = bytesOf(event);
  if (bytes.length === 0) return undefined;
  if (bytes.length > longest) {
    throw new Fault('PayloadTooLarge', `The body has ${bytes.length} bytes; this route takes ${longest}.`);
  }
  if (isForm) return bytes.toString();
  if (!isJson(event.headers['content-type'])) {
    throw new Fault('UnsupportedMediaType', 'Send the body with Content-Type: application/json.');
  }
  return parsed(bytes);
};

const decoded = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Fault('InvalidRequest', `The query ${what} is not percent-encoded as UTF-8.`);
  }
};

const KEPT_OUT_OF_FILTER = ['limit', 'cursor', 'filter', 'dryRun', 'wait', 'seen'];

interface Query {
  readonly query: Record<string, string>;
  readonly filter: string;
}

/** In a list, what is no parameter of the route is a term of the filter: `?provider=kvm&name~web&limit=10`. */
const queryOf = (rawQuery: string, { query: schema, filter: fields }: Pick<Route, 'query' | 'filter'>): Query => {
  const known = new Set([...Object.keys(schema?.shape ?? {}), ...KEPT_OUT_OF_FILTER]);
  const query: Record<string, string> = Object.create(null);
  const terms: string[] = [];
  for (const part of rawQuery.split('&').filter((each) => each !== '')) {
    const at = part.indexOf('=');
    const name = decoded(at < 0 ? part : part.slice(0, at), part);
    if (fields === undefined || known.has(name)) query[name] = decoded(at < 0 ? '' : part.slice(at + 1), part);
    // API Gateway appends `=` to a parameter without a value, and `name~web` is one.
    else terms.push(/[~]/.test(name) ? part.replace(/=$/, '').replaceAll(/%7E/gi, '~') : part.replaceAll(/%3A/gi, ':'));
  }
  const { filter, ...rest } = query;
  return { query: fields === undefined ? query : rest, filter: [filter ?? '', ...terms].filter(Boolean).join('&') };
};

/** What a request says, taken apart but not yet validated. */
export const rawOf = (event: APIGatewayProxyEventV2, route: Route, params: Record<string, string>): Raw => ({
  params,
  ...queryOf(event.rawQueryString ?? '', route),
  body:
    event.requestContext.http.method === 'GET'
      ? undefined
      : bodyOf(event, route.longestBody ?? LONGEST_BODY, route.form ?? false),
});
