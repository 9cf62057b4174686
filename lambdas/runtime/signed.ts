import { SignatureV4 } from '@smithy/signature-v4';
import { fromEnvironment } from './env-credentials.ts';
import { Sha256 } from './sha256.ts';

/** A request to a service of AWS, or to what knows callers as AWS does. */
export interface Unsigned {
  /** By the name that requests are signed with. */
  readonly service: string;
  readonly region: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** S3 alone signs paths as they are. */
  readonly uriEscapePath?: false;
}

/** The headers of a request, with those by which it is known to come from the function's role (Signature Version 4). */
export const signed = async (request: Unsigned): Promise<Record<string, string>> => {
  const { service, region, method, url, query = {}, headers: asked, body, uriEscapePath = true } = request;
  const signer = new SignatureV4({ service, region, credentials: fromEnvironment, sha256: Sha256, uriEscapePath });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: { ...query },
    headers: { host: url.host, ...asked },
    ...(body === undefined ? {} : { body }),
  });
  return headers;
};
