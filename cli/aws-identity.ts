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

/**
 * The signed headers of `POST <url>/v1/token`, by the AWS credentials that any AWS tool would find (environment,
 * profile, SSO, instance). @throws CliError where there are none
 */
export const signedHeaders = async (
  url: string,
  region: string,
  profile: string | undefined,
): Promise<Record<string, string>> => {
  const { hostname, port, pathname, protocol } = new URL('v1/token', `${url.replace(/\/+$/, '')}/`);
  // A client of the SDK brings the whole credential chain; no call is made with it.
  const credentials = new SSMClient({ region, ...(profile === undefined ? {} : { profile }) }).config.credentials;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const host = port === '' ? hostname : `${hostname}:${port}`;
  try {
    const { headers } = await signer.sign({
      method: 'POST',
      protocol,
      hostname,
      path: pathname,
      query: {},
      headers: { host },
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
