import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { env, text } from './env.ts';
import { signed } from './signed.ts';

const settings = env({
  AWS_REGION: text,
  /** As the SDKs read it: set where S3 is not AWS's own. */
  AWS_ENDPOINT_URL_S3: z.string().optional(),
  AWS_ENDPOINT_URL: z.string().optional(),
});

/** One call of S3's REST API. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly bucket: string;
  /** Of letters that need no escape, as all keys of ours are; none for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answers besides 2xx that mean something to the caller. */
  readonly also?: readonly number[];
  /** What to tell where S3 did not do it. */
  readonly failed: string;
}

/** As the signer writes them: URLSearchParams would write a space as `+`. */
const escaped = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const urlOf = ({ bucket, key = '', query = {} }: Call): URL => {
  const { AWS_REGION: region } = settings;
  const endpoint = settings.AWS_ENDPOINT_URL_S3 ?? settings.AWS_ENDPOINT_URL;
  const base = endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint}/${bucket}`;
  const search = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return new URL(`${base}/${key}${search.length > 0 ? `?${search.join('&')}` : ''}`);
};

const CALL_MS = 5000;

/** What S3 said, read whole: a body that is cut is tried again, too. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

const once = async (call: Call): Promise<Answer> => {
  const { method, query = {}, headers: asked = {}, body } = call;
  const url = urlOf(call);
  const headers = await signed({
    service: 's3',
    region: settings.AWS_REGION,
    method,
    url,
    query,
    headers: asked,
    uriEscapePath: false,
    ...(body === undefined ? {} : { body }),
  });
  const signal = AbortSignal.timeout(CALL_MS);
  const sent = { method, headers, signal, redirect: 'error', ...(body === undefined ? {} : { body }) } as const;
  const response = await fetch(url, sent);
  return { status: response.status, text: await response.text() };
};

const TRIES = 3;
const PAUSE_MS = 100;
/** Another write of the same key was under way, too many calls, and what S3 itself failed at. */
const isTransient = (status: number): boolean => status === 409 || status === 429 || status >= 500;

const isDone = ({ also = [] }: Call, { status }: Answer): boolean =>
  (status >= 200 && status < 300) || also.includes(status);

/** Why a try came to nothing, and whether another may do. */
interface Failure {
  readonly cause: unknown;
  readonly passes: boolean;
}

const tried = async (call: Call): Promise<Answer | Failure> => {
  try {
    const answer = await once(call);
    if (isDone(call, answer)) return answer;
    const { status, text } = answer;
    return { cause: new Error(`S3 answers ${status}: ${text.slice(0, 500)}`), passes: isTransient(status) };
  } catch (cause) {
    return { cause, passes: true };
  }
};

/**
 * One signed call, tried again where S3 was away for a moment; all our calls may come twice. By itself and not by
 * client-s3, which would make a function 30 kB of gzip larger.
 * @throws ProviderUnreachable where S3 did not do it
 */
export const callS3 = async (call: Call): Promise<Answer> => {
  for (let attempt = 1; ; attempt += 1) {
    const came = await tried(call);
    if ('status' in came) return came;
    if (!came.passes || attempt === TRIES) throw new Fault('ProviderUnreachable', call.failed, { cause: came.cause });
    await pause(Math.random() * PAUSE_MS * 2 ** attempt);
  }
};
