import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { urlRefusal } from '../../domain/public-url.ts';
import { csv, env } from '../../runtime/env.ts';
import { connectionsOf } from '../../runtime/kept-connections.ts';
import { lookupIn, type Net, worldAnd } from '../../runtime/outside.ts';

const { ALERT_RECEIVER_HOSTS: mirrors } = env({ ALERT_RECEIVER_HOSTS: csv });

const WORLD: Net = { ...worldAnd(mirrors), timeoutMs: 5_000 };

/** What a receiver answered is shown to a person, and no more of it than helps. */
const LONGEST_ANSWER = 200;

/** Read of an answer: a secret that begins in what is shown is whole in it (Systems Manager holds 8 kB of one), and so is a message that Slack says over. */
const LONGEST_READ = 65_536;

/** However long a receiver asks to be left alone. */
const LONGEST_WAIT_MS = 3_600_000;

/** Why a receiver was not told. */
export class NotTold extends Error {
  /** Whether the same word may be taken when it is said again. */
  readonly again: boolean;
  /** How long it asks to be left alone, where it does. */
  readonly afterMs: number | undefined;
  /** What it answered, where it did. */
  readonly status: number | undefined;

  constructor(detail: string, again: boolean, { afterMs, status }: { afterMs?: number; status?: number } = {}) {
    super(detail);
    this.again = again;
    this.afterMs = afterMs;
    this.status = status;
  }
}

/** What a receiver answers, as far as it is read, and how long it asks to be left alone. */
export interface Answer {
  readonly text: string;
  readonly waitMs: number | undefined;
}

/** What a request has beside its URL and its body. */
interface More {
  readonly headers?: Readonly<Record<string, string>>;
  /** What nobody is told of an answer that says it over. */
  readonly hidden?: readonly string[];
  /** Looks at an answer of success. @throws NotTold where it is a refusal all the same */
  readonly taken?: (answer: Answer) => void;
}

/** Whoever closes a connection that was idle may do so while a word is on its way, and has not read it then. */
const isClosing = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE';

const posted = (
  url: URL,
  body: string | Uint8Array,
  more: More['headers'],
  net: Net,
  signal: AbortSignal,
  agent = connectionsOf(net, url.protocol),
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions & { ca?: string } = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'NovaCron (alerts)',
        ...more,
        'content-length': Buffer.byteLength(body),
      },
      lookup: lookupIn(net, (detail) => new NotTold(detail, false)),
      signal,
      agent,
      ...(net.ca ? { ca: net.ca } : {}),
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url.href, options, resolve);
    request.on('error', (error) => {
      // Once, on a connection of its own.
      if (request.reusedSocket && isClosing(error)) resolve(posted(url, body, more, net, signal, false));
      else reject(error);
    });
    request.end(body);
  });

/** What an answer says, without what is hidden, as far as it is shown. */
const shown = (text: string, hidden: readonly string[]): string =>
  hidden
    .filter((each) => each !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((said, each) => said.replaceAll(each, '<secret>'), text)
    .slice(0, LONGEST_ANSWER)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();

const beginningOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length >= LONGEST_READ) break;
  }
  return text.slice(0, LONGEST_READ);
};

/** Seconds or a date (RFC 9110, 10.2.3), in milliseconds from now. */
const waitOf = ({ headers: { 'retry-after': asked } }: IncomingMessage): number | undefined => {
  if (asked === undefined) return undefined;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_WAIT_MS);
};

/** Whether it may take the same later: Alertmanager says it again after 5xx, and to PagerDuty and OpsGenie after 429. */
export const isPassing = (status: number): boolean => status >= 500 || status === 429;

/**
 * Posts a body to a receiver's URL, as JSON where its headers say nothing else: by https, or by http to a host that is allowed,
 * to addresses of the world, or allowed ones, alone, and nowhere that an answer sends it on to. @throws NotTold; the same may be said again after an answer of 5xx, of 429 or none
 */
export const postWebhook = async (
  source: string,
  body: string | Uint8Array,
  { headers = {}, hidden = [], taken = () => undefined }: More = {},
  net: Net = WORLD,
): Promise<void> => {
  const refusal = urlRefusal(source, { what: 'webhooks', mirrors });
  if (refusal !== undefined) throw new NotTold(`the URL is not one to post to: ${refusal}`, false);
  const url = new URL(source);
  const signal = AbortSignal.timeout(net.timeoutMs);
  try {
    const response = await posted(url, body, headers, net, signal);
    const { statusCode = 0 } = response;
    const text = await beginningOf(response);
    if (statusCode >= 200 && statusCode < 300) return taken({ text, waitMs: waitOf(response) });
    const answer = shown(text, hidden);
    const said = `${url.host} answers ${statusCode}${answer === '' ? '' : `: ${answer}`}`;
    const again = isPassing(statusCode);
    const afterMs = again ? waitOf(response) : undefined;
    throw new NotTold(said, again, { status: statusCode, ...(afterMs === undefined ? {} : { afterMs }) });
  } catch (error) {
    if (error instanceof NotTold) throw error;
    if (signal.aborted) throw new NotTold(`${url.host} does not answer within ${net.timeoutMs / 1000} s`, true);
    throw new NotTold(`${url.host} cannot be reached: ${error instanceof Error ? error.message : error}`, true);
  }
};
