import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let server: Server;
let status = 200;
const seen: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});

it('puts the text as it is, signed with its digest', async () => {
  const { keepUserData } = await import('../../lambdas/runtime/user-data.ts');
  expect(await keepUserData('vm-1', '#cloud-config ä\n')).toBe('user-data/vm-1');
  const [put] = seen;
  expect(put).toMatchObject({ line: 'PUT /bucket/user-data/vm-1', body: '#cloud-config ä\n' });
  expect(put?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
  expect(put?.headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
});

it('takes away what is left of it, and says no more of what it is than its key', async () => {
  const { removeUserData } = await import('../../lambdas/runtime/user-data.ts');
  await removeUserData('vm-1');
  expect(seen.at(-1)).toMatchObject({ line: 'DELETE /bucket/user-data/vm-1', body: '' });
  expect(seen.at(-1)?.headers.authorization).toMatch(/SignedHeaders=host;x-amz-content-sha256;x-amz-date;/);
});

it('says that it may be tried again where S3 refuses', async () => {
  const { keepUserData, removeUserData } = await import('../../lambdas/runtime/user-data.ts');
  status = 503;
  await expect(keepUserData('vm-1', 'x')).rejects.toMatchObject({ name: 'ProviderUnreachable' });
  await expect(removeUserData('vm-1')).rejects.toMatchObject({ name: 'ProviderUnreachable' });
});
