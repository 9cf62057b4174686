import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helloFolder } from './hello-code.ts';

/** What a hello world is called on the emulator; ours to make and to take away. */
const NAME = 'novacron-bench-hello';

/** The emulator's root is never signature-checked, but its Region and service are read from the credential. */
const call = async (endpoint: string, service: string, method: string, path: string, body?: object) => {
  const credential = `Credential=test/20260101/us-east-1/${service}/aws4_request`;
  const reply = await fetch(`${endpoint}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok && method !== 'DELETE') throw new Error(`${method} ${path} → ${reply.status} ${text.slice(0, 200)}`);
  return text === '' ? {} : JSON.parse(text);
};

const zipped = (): string => {
  const folder = helloFolder();
  execFileSync('python3', ['-m', 'zipfile', '-c', '../hello.zip', 'index.js', 'package.json'], { cwd: folder });
  return readFileSync(join(folder, '../hello.zip')).toString('base64');
};

/** A hello-world Lambda behind an HTTP API of its own, on the same emulator as ours. */
export const startHello = async (endpoint: string): Promise<{ url: string; stop: () => Promise<void> }> => {
  const functions = '/2015-03-31/functions';
  await call(endpoint, 'lambda', 'DELETE', `${functions}/${NAME}`);
  const { Functions } = await call(endpoint, 'lambda', 'GET', functions);
  const { FunctionArn } = await call(endpoint, 'lambda', 'POST', functions, {
    FunctionName: NAME,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    // Any of the plane's own roles: a hello world needs none of what it may do.
    Role: Functions?.[0]?.Role,
    Code: { ZipFile: zipped() },
    MemorySize: 512,
    Timeout: 10,
  });
  const { apiId } = await call(endpoint, 'apigateway', 'POST', '/v2/apis', { name: NAME, protocolType: 'HTTP' });
  const { integrationId } = await call(endpoint, 'apigateway', 'POST', `/v2/apis/${apiId}/integrations`, {
    integrationType: 'AWS_PROXY',
    integrationUri: FunctionArn,
    payloadFormatVersion: '2.0',
  });
  const target = `integrations/${integrationId}`;
  await call(endpoint, 'apigateway', 'POST', `/v2/apis/${apiId}/routes`, { routeKey: '$default', target });
  await call(endpoint, 'apigateway', 'POST', `/v2/apis/${apiId}/stages`, { stageName: '$default', autoDeploy: true });
  return {
    url: `${endpoint}/_aws/execute-api/${apiId}/$default`,
    stop: async () => {
      await call(endpoint, 'apigateway', 'DELETE', `/v2/apis/${apiId}`);
      await call(endpoint, 'lambda', 'DELETE', `${functions}/${NAME}`);
    },
  };
};
