import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { presignUserData } from '../../../lambdas/providers/kvm/user-data.ts';

/** An S3 that answers every request alike. */
const withS3 = async (answer: RequestListener, use: (s3: S3Client) => Promise<void>): Promise<void> => {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // `listen` on a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
  try {
    await use(s3);
  } finally {
    s3.destroy();
    server.close();
  }
};

it('gives a short-lived URL and the digest of what lies there', async () => {
  await withS3(
    (_, response) => response.end('#!/bin/sh\n'),
    async (s3) => {
      const { url, sha256 } = await presignUserData(s3, 'bucket', 'user-data/1');
      expect(sha256).toBe(createHash('sha256').update('#!/bin/sh\n').digest('hex'));
      expect(new URL(url).pathname).toBe('/bucket/user-data/1');
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('1800');
      expect(new URL(url).searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

it.each([
  [404, 'NoSuchKey', 'SpecRefused'],
  [403, 'AccessDenied', 'ProviderDenied'],
  [503, 'SlowDown', 'Throttled'],
  [500, 'InternalError', 'ProviderUnreachable'],
])('answered %i %s it is %s', async (status, code, name) => {
  await withS3(
    (_, response) =>
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`),
    (s3) => expect(presignUserData(s3, 'bucket', 'user-data/1')).rejects.toMatchObject({ name }),
  );
});
