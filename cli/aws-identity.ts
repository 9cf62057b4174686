import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SSMClient } from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';
import { CliError } from './exit-codes.ts';

/** SHA-256 as the signer takes it, on Node's own crypto. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

/** The Region in an API Gateway URL (`…execute-api.eu-central-1.amazonaws.com`). */
export const regionOf = (url: string): string | undefined =>
  /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(url)?.[1];

/** Which AWS identity signs, and where. */
export interface Signing {
  readonly service: string;
  readonly region: string;
  readonly profile: string | undefined;
}

/**
 * The signed headers of a request, `host` left out, by the AWS credentials that any AWS tool would find (environment,
 * profile, SSO, instance). @throws CliError where there are none
 */
export const signedRequest = async (
  { service, region, profile }: Signing,
  {
    url,
    ...request
  }: { readonly method: string; readonly url: URL; readonly headers?: object; readonly body?: string },
): Promise<Record<string, string>> => {
  const { hostname, port, pathname, protocol } = url;
  // A client of the SDK brings the whole credential chain; no call is made with it.
  const credentials = new SSMClient({ region, ...(profile === undefined ? {} : { profile }) }).config.credentials;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const host = port === '' ? hostname : `${hostname}:${port}`;
  try {
    const { headers } = await signer.sign({
      ...request,
      protocol,
      hostname,
      path: pathname,
      query: {},
      headers: { ...request.headers, host },
    });
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`No AWS credentials were found: ${why}`, {
      next: 'Log in to AWS first (aws sso login), or name one: --aws-profile',
      cause,
    });
  }
};

/** The signed headers of `POST <url>/v1/token`. @throws as signedRequest */
export const signedHeaders = (
  url: string,
  region: string,
  profile: string | undefined,
): Promise<Record<string, string>> =>
  signedRequest(
    { service: 'execute-api', region, profile },
    { method: 'POST', url: new URL('v1/token', `${url.replace(/\/+$/, '')}/`) },
  );
