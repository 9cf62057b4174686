import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { call, insertHost, insertImage, insertVm, newHost, newImage, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** Input that is too much, too deep or too clever is answered by a problem of 4xx on every route that takes a body. */
const HOST = 'h-0000000000000001';
let admin: string;
let host: string;
beforeEach(async () => {
  mockClient(SSMClient);
  new StateTable();
  admin = await signIn('admin');
  host = await signIn('host', { hostId: HOST });
  await insertHost(newHost());
  await insertImage(newImage());
  await insertVm(newVm());
});

const filled = (path: string): string => {
  const ids = {
    hosts: HOST,
    operations: `op-${'0'.repeat(26)}`,
    tokens: `tok-${'0'.repeat(16)}`,
    images: newImage().id,
  };
  // The noun is the second segment of every path with an id.
  return path.replace('{id}', ids[path.split('/')[2] as keyof typeof ids] ?? newVm().id);
};
const lines = ROUTES.filter(({ method }) => method !== 'GET').map(
  ({ method, path, access }) => [`${method} ${filled(path)}`, access] as const,
);
const sent = (access: string) =>
  access === 'iam'
    ? { iam: 'arn:aws:sts::123456789012:assumed-role/deploy/session' }
    : { token: access === 'host' ? host : admin };

const deep = (open: string, close: string, times: number, core = '') => open.repeat(times) + core + close.repeat(times);
/** Each fits into the smallest limit of a body, but for the first two. */
const BODIES: Readonly<Record<string, string>> = {
  'a body of 1.1 MB': `{"name":"${'x'.repeat(1_100_000)}"}`,
  'a list of 1.1 MB': `[${'1,'.repeat(550_000)}1]`,
  'lists 1,000 deep': deep('[', ']', 1_000),
  'objects 1,000 deep': deep('{"a":', '}', 1_000, '1'),
  'lists 60,000 deep': deep('[', ']', 60_000),
  'objects 20,000 deep': deep('{"a":', '}', 20_000, '1'),
  'tags 20,000 deep': `{"name":"a","tags":${deep('{"a":', '}', 20_000, '1')}}`,
  '60,000 brackets without an end': '['.repeat(60_000),
  'a prototype': '{"__proto__":{"role":"admin","isAdmin":true},"name":"a"}',
  'a prototype of the constructor': '{"constructor":{"prototype":{"role":"admin"}},"name":"a"}',
  'tags that are a prototype': '{"name":"a","provider":"kvm","image":"test","tags":{"__proto__":"x","x{{":"y"}}',
  '10,000 unknown fields': `{${Array.from({ length: 10_000 }, (_, index) => `"f${index}":1`).join()}}`,
  'a number of 10,000 digits': `{"vcpus":${'9'.repeat(10_000)},"memoryMiB":1}`,
  'an infinite number': '{"vcpus":1e999,"memoryMiB":1e999,"seq":1e999,"expiresInDays":1e999,"graceSeconds":1e999}',
  'a field given twice': '{"name":"-","name":"--"}',
  'half a surrogate': '{"name":"\\ud800"}',
  'a NUL': '{"name":"a\\u0000"}',
  'no JSON of JavaScript': '{"name":NaN}',
  'a string': '"name"',
  'a number': '1',
  'a list': '[]',
  'a BOM before it': '\ufeff{"name":1}',
};

/** No alerts are alerts, as Alertmanager takes them. */
const isTaken = (body: string, line: string): boolean => body === 'a list' && line === 'POST /api/v2/alerts';

describe.each(Object.entries(BODIES))('%s', (body, text) => {
  it.each(lines.filter(([line]) => !isTaken(body, line)))('is refused by %s', async (line, access) => {
    const got = await call(line, { ...sent(access), text });
    expect(got.status, JSON.stringify(got.body)).toBeGreaterThanOrEqual(400);
    expect(got.status, JSON.stringify(got.body)).toBeLessThan(500);
    expect(got.headers['content-type']).toBe('application/problem+json');
    expect(JSON.stringify(got.body).length).toBeLessThan(20_000);
    for (const name of ['role', 'isAdmin', 'x']) expect(({} as Record<string, unknown>)[name]).toBeUndefined();
  });
});

describe('what is asked for too much of', () => {
  it.each([
    'GET /v1/vms?limit=501',
    'GET /v1/vms?limit=999999999999999999999',
    'GET /v1/vms?limit=-1',
    'GET /v1/vms?limit=1e3&limit=x',
    'GET /v1/vms?limit=Infinity',
    'GET /v1/vms?limit=0x10000',
    `GET /v1/vms?cursor=${'a'.repeat(5_000)}`,
    `GET /v1/vms?filter=${'a'.repeat(5_000)}`,
    `GET /v1/vms?filter=${encodeURIComponent('name=a&'.repeat(21))}`,
    `GET /v1/vms?${'name=a&'.repeat(2_000)}`,
    `GET /v1/vms?${'%5B'.repeat(2_000)}=1`,
    'GET /v1/vms?__proto__=1',
    'GET /v1/vms?constructor=1',
    'GET /v1/vms?toString~x',
    `GET /v1/${'a/'.repeat(4_000)}`,
    `GET /v1/vms/${'a'.repeat(8_000)}`,
    'GET /v1/vms/vm-0000000000000001/console-log?bytes=99999999',
    'GET /v1/operations/op-00000000000000000000000000?wait=1e9',
  ])('%s is a problem', async (line) => {
    const got = await call(line, { token: admin });
    expect(got.status, JSON.stringify(got.body).slice(0, 300)).toBeGreaterThanOrEqual(400);
    expect(got.status).toBeLessThan(500);
    expect(JSON.stringify(got.body).length).toBeLessThan(20_000);
  });

  it.each([
    ['authorization', `Bearer ${'a'.repeat(100_000)}`, 401],
    ['authorization', 'Bearer '.repeat(1_000), 401],
    ['idempotency-key', 'k'.repeat(100_000), 400],
    ['if-match', '"'.repeat(100_000), 400],
    ['content-type', `application/json;${' '.repeat(100_000)}x`, 200],
    ['content-type', `${' '.repeat(100_000)}x`, 415],
  ])('a header %s of much more than is useful is no trouble', async (name, value, status) => {
    const line = `PATCH /v1/vms/${newVm().id}`;
    const got = await call(line, { token: admin, body: { tags: {} }, headers: { [name]: value } });
    expect(got.status, JSON.stringify(got.body).slice(0, 300)).toBe(status);
  });
});
