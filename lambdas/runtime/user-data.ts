import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { env, text } from './env.ts';
import { fromEnvironment } from './env-credentials.ts';

const settings = env({
  BUCKET_NAME: text,
  AWS_REGION: text,
  /** As the SDKs read it: set where S3 is not AWS's own. */
  AWS_ENDPOINT_URL_S3: z.string().optional(),
  AWS_ENDPOINT_URL: z.string().optional(),
});

/** The hash that the signer asks for, by Node's own. */
class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(typeof data === 'string' ? data : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {
    throw new Error('a signer never uses a hash twice');
  }
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

const signer = new SignatureV4({
  service: 's3',
  region: settings.AWS_REGION,
  credentials: fromEnvironment,
  sha256: Sha256,
  uriEscapePath: false,
});

const urlOf = (key: string): URL => {
  const { BUCKET_NAME: bucket, AWS_REGION: region } = settings;
  const endpoint = settings.AWS_ENDPOINT_URL_S3 ?? settings.AWS_ENDPOINT_URL;
  return new URL(
    endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com/${key}` : `${endpoint}/${bucket}/${key}`,
  );
};

const CALL_MS = 5000;

/** One signed call, and not client-s3, which would make the function that admits all changes half as large again. */
const ask = async (url: URL, asked: { method: 'PUT'; body: string } | { method: 'DELETE' }): Promise<Response> => {
  const { headers } = await signer.sign({
    ...asked,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    headers: { host: url.host, ...('body' in asked ? { 'content-type': 'text/plain; charset=utf-8' } : {}) },
  });
  return fetch(url, { ...asked, headers, signal: AbortSignal.timeout(CALL_MS), redirect: 'error' });
};

const keyOf = (vmId: string): string => `user-data/${vmId}`;

/** @throws ProviderUnreachable with these words, where S3 did not do it */
const assertDone = async (asked: Promise<Response>, failed: string): Promise<void> => {
  const answer = await asked.catch((cause: unknown) => unreachable(failed, cause));
  if (!answer.ok) unreachable(failed, new Error(`S3 answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`));
};

/**
 * Keeps a VM's user-data in the encrypted bucket until its launch; what no launch takes, the bucket's lifecycle deletes.
 * @throws ProviderUnreachable
 */
export const keepUserData = async (vmId: string, userData: string): Promise<string> => {
  const key = keyOf(vmId);
  await assertDone(ask(urlOf(key), { method: 'PUT', body: userData }), 'The user-data could not be stored; try again.');
  return key;
};

/** Takes away what is left of a VM's user-data; nothing, mostly. @throws ProviderUnreachable */
export const removeUserData = (vmId: string): Promise<void> =>
  assertDone(ask(urlOf(keyOf(vmId)), { method: 'DELETE' }), `The user-data of ${vmId} could not be removed.`);

/** The caller may try again; what S3 said is in the log. */
const unreachable = (failed: string, cause: unknown): never => {
  throw new Fault('ProviderUnreachable', failed, { cause });
};
