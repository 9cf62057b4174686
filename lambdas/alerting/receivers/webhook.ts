import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { urlRefusal } from '../../domain/public-url.ts';
import { csv, env } from '../../runtime/env.ts';
import { lookupIn, type Net, worldAnd } from '../../runtime/outside.ts';

const { ALERT_RECEIVER_HOSTS: mirrors } = env({ ALERT_RECEIVER_HOSTS: csv });

const WORLD: Net = { ...worldAnd(mirrors), timeoutMs: 5_000 };

/** What a receiver answered is shown to a person, and no more of it than helps. */
const LONGEST_ANSWER = 200;

/** Why a receiver was not told. */
export class NotTold extends Error {
  /** Whether the same word may be taken when it is said again. */
  readonly again: boolean;

  constructor(detail: string, again: boolean) {
    super(detail);
    this.again = again;
  }
}

const posted = (url: URL, body: string, net: Net, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions & { ca?: string } = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'NovaCron (alerts)',
      },
      lookup: lookupIn(net, (detail) => new NotTold(detail, false)),
      signal,
      agent: false,
      ...(net.ca ? { ca: net.ca } : {}),
    };
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    request(url.href, options, resolve).on('error', reject).end(body);
  });

const beginningOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length >= LONGEST_ANSWER) break;
  }
  return text
    .slice(0, LONGEST_ANSWER)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
};

/**
 * Posts a word to a receiver's URL: by https, or by http to a host that is allowed, to addresses of the world, or allowed ones,
 * alone, and nowhere that an answer sends it on to. @throws NotTold; Alertmanager says the same again after an answer of 5xx or none
 */
export const postWebhook = async (source: string, body: string, net: Net = WORLD): Promise<void> => {
  const refusal = urlRefusal(source, { what: 'webhooks', mirrors });
  if (refusal !== undefined) throw new NotTold(`the URL is not one to post to: ${refusal}`, false);
  const url = new URL(source);
  const signal = AbortSignal.timeout(net.timeoutMs);
  try {
    const response = await posted(url, body, net, signal);
    const { statusCode = 0 } = response;
    const answer = await beginningOf(response);
    if (statusCode >= 200 && statusCode < 300) return;
    throw new NotTold(`${url.host} answers ${statusCode}${answer === '' ? '' : `: ${answer}`}`, statusCode >= 500);
  } catch (error) {
    if (error instanceof NotTold) throw error;
    if (signal.aborted) throw new NotTold(`${url.host} does not answer within ${net.timeoutMs / 1000} s`, true);
    throw new NotTold(`${url.host} cannot be reached: ${error instanceof Error ? error.message : error}`, true);
  }
};
