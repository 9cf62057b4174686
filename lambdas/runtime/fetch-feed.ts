import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { Fault } from '../domain/faults.ts';
import { urlRefusal } from '../domain/public-url.ts';
import { lookupIn, type Net, worldAnd } from './outside.ts';

/** Feeds come from the public alone. */
const WORLD = worldAnd([]);

/** A feed of ten thousand events has some three; more is no calendar, or nobody's holidays. */
const LONGEST_BYTES = 5 * 1024 * 1024;
const MOST_REDIRECTS = 3;

/** What the feed said when it was last read. */
export interface Known {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** What a feed answers: its text, or that it is as it was. */
export type Fetched = ({ readonly text: string } & Known) | { readonly unchanged: true };

const unusable = (detail: string, cause?: unknown): Fault =>
  new Fault('FeedUnusable', `The feed cannot be read: ${detail}.`, { errors: [{ pointer: '/feed', detail }], cause });

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_BYTES) throw unusable(`it has more than ${LONGEST_BYTES / 1024 / 1024} MiB`);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const headersFor = ({ etag, lastModified }: Known) => ({
  accept: 'text/calendar, */*;q=0.1',
  'user-agent': 'NovaCron (calendar feeds)',
  ...(etag === undefined ? {} : { 'if-none-match': etag }),
  ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
});

const asked = (url: URL, known: Known, net: Net, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions = {
      headers: headersFor(known),
      lookup: lookupIn(net, unusable),
      signal,
      agent: false,
      ...(net.ca ? { ca: net.ca } : {}),
    };
    request(url.href, options, resolve).on('error', reject).end();
  });

/** Longer is none of ours to keep. */
const header = (value: string | undefined): string | undefined =>
  value !== undefined && value.length <= 200 && /^[\x20-\x7e]*$/.test(value) ? value : undefined;

const REDIRECTS = [301, 302, 303, 307, 308];

/** One answer on the way: what was read, or where it is instead. */
const step = async (url: URL, known: Known, net: Net, signal: AbortSignal): Promise<Fetched | { next: string }> => {
  const response = await asked(url, known, net, signal);
  const { statusCode = 0, headers } = response;
  const { location } = headers;
  if (statusCode === 200) {
    return { text: await bodyOf(response), etag: header(headers.etag), lastModified: header(headers['last-modified']) };
  }
  response.destroy();
  if (statusCode === 304) return { unchanged: true };
  if (!REDIRECTS.includes(statusCode) || location === undefined) throw unusable(`${url.host} answers ${statusCode}`);
  if (!URL.canParse(location, url.href)) throw unusable(`${url.host} sends on to what is no URL`);
  return { next: new URL(location, url.href).href };
};

const followed = async (source: string, known: Known, net: Net, signal: AbortSignal): Promise<Fetched> => {
  let at = source;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const refusal = urlRefusal(at, { what: 'feeds', mirrors: [] });
    if (refusal !== undefined)
      throw unusable(hops === 0 ? refusal : `it sends on to ${at.slice(0, 200)}, and ${refusal}`);
    const came = await step(new URL(at), known, net, signal);
    if (!('next' in came)) return came;
    at = came.next;
  }
  throw unusable(`it sends on more than ${MOST_REDIRECTS} times`);
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  return code === '' ? error.message.slice(0, 200) : `${code} (${error.message.slice(0, 200)})`;
};

/**
 * Reads a feed that somebody named: by https alone, from addresses of the world alone, also after each redirect, and no more
 * of it than a calendar has. @throws FeedUnusable, saying why
 */
export const fetchFeed = async (source: string, known: Known = {}, net: Net = WORLD): Promise<Fetched> => {
  const signal = AbortSignal.timeout(net.timeoutMs);
  try {
    return await followed(source, known, net, signal);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (signal.aborted) throw unusable(`it did not answer within ${net.timeoutMs / 1000} s`, error);
    throw unusable(reasonOf(error), error);
  }
};
