import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { call, insertHost, insertImage, insertVm, newHost, newImage, newVm, signIn } from '../support/api.ts';
import { Bucket } from '../support/bucket.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let admin: string;
beforeEach(async () => {
  state = new StateTable();
  new Bucket();
  admin = await signIn('admin');
  await insertHost(newHost());
  await insertImage(newImage());
});

const good = { name: 'web-1', provider: 'kvm', image: 'test' };
const create = (more: object) => call('POST /v1/vms', { token: admin, body: { ...good, ...more } });

describe('a create that is wrong', () => {
  it.each([
    ['an unknown field', { sise: 'small' }, '/sise'],
    ['a deep unknown field', { kvm: { netwrk: 'x' } }, '/kvm/netwrk'],
    ['a wrong type', { vcpus: '2', memoryMiB: 512 }, '/vcpus'],
    ['no VM so small', { vcpus: 0, memoryMiB: 512 }, '/vcpus'],
    ['a fraction', { vcpus: 1.5, memoryMiB: 512 }, '/vcpus'],
    ['memory without vcpus', { memoryMiB: 512 }, '/vcpus'],
    ['two sizes', { size: 'small', vcpus: 2, memoryMiB: 512 }, '/vcpus'],
    ['a name with a space', { name: 'a b' }, '/name'],
    ['a name of digits', { name: '123' }, '/name'],
    ['a name like an option', { name: '-x' }, '/name'],
    ['a name with a command', { name: 'a;reboot' }, '/name'],
    ['a name with XML', { name: '<a/>' }, '/name'],
    ['a name too long', { name: 'a'.repeat(64) }, '/name'],
    ['a name that is no ASCII', { name: 'wéb' }, '/name'],
    ['a hostname with a command', { hostname: '$(reboot)' }, '/hostname'],
    ['a tag with a template', { tags: { env: '{{ x }}' } }, '/tags/env'],
    ['a tag key of ours', { tags: { 'novacron:vm': 'x' } }, '/tags/novacron:vm'],
    ['a tag key of AWS', { tags: { 'aws:x': 'x' } }, '/tags/aws:x'],
    ['a key that is none', { sshKeys: ['rm -rf /'] }, '/sshKeys/0'],
    ['a key with a second line', { sshKeys: [`ssh-ed25519 ${'A'.repeat(68)} a\nssh-rsa AAAA`] }, '/sshKeys/0'],
    ['a network with XML', { kvm: { network: "x'/><y" } }, '/kvm/network'],
    ["EC2's options on KVM", { ec2: { keyName: 'k' } }, '/ec2'],
    ["EC2's types on KVM", { type: 't3.small' }, '/type'],
    ["EC2's Regions on KVM", { region: 'eu-central-1' }, '/region'],
    ["KVM's options on EC2", { provider: 'ec2', image: 'al2023', kvm: {} }, '/kvm'],
    ['a third provider', { provider: 'gcp' }, '/provider'],
    ['a policy that is none', { ready: 'port:0' }, '/ready'],
    ['a disk too large', { diskGiB: 1e6 }, '/diskGiB'],
    ['user-data too large', { userData: 'x'.repeat(16_385) }, '/userData'],
    ['less memory than the image needs', { vcpus: 1, memoryMiB: 64, image: 'large' }, '/memoryMiB'],
  ])('for %s is 400 and names the field', async (_, more, pointer) => {
    await insertImage(newImage({ id: 'img-0000000000000002', name: 'large', minMemoryMiB: 1024 }));
    const rows = state.rows.size;
    const got = await create(more);
    expect(got).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    expect(got.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(got.headers['content-type']).toBe('application/problem+json');
    // The refusal is told to the auditor; nothing else is written.
    expect(state.rows.size).toBe(rows + 1);
  });

  it('names every wrong field at once', async () => {
    const got = await create({ name: 'A', vcpus: 'x', sise: 1 });
    expect(got.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(
      expect.arrayContaining(['/name', '/vcpus', '/sise']),
    );
  });
});

describe('a body that is none', () => {
  it.each([
    ['broken JSON', { text: '{"name":' }, 400, 'InvalidJson'],
    ['no JSON', { text: 'name=web' }, 400, 'InvalidJson'],
    ['a list', { body: [] }, 400, 'InvalidRequest'],
    ['null', { text: 'null' }, 400, 'InvalidRequest'],
    ['nothing', {}, 400, 'InvalidRequest'],
    ['a megabyte', { body: { ...good, userData: 'x'.repeat(1_000_000) } }, 413, 'PayloadTooLarge'],
    [
      'a form',
      { body: good, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'UnsupportedMediaType',
    ],
    ['a prototype', { text: '{"__proto__":{"admin":true},"name":"a"}' }, 400, 'InvalidRequest'],
    ['ten thousand brackets', { text: '['.repeat(10_000) }, 400, 'InvalidJson'],
    ['a bad key', { body: good, headers: { 'idempotency-key': 'a b' } }, 400, 'InvalidRequest'],
  ])('%s is refused', async (_, sent, status, code) => {
    expect(await call('POST /v1/vms', { token: admin, ...sent })).toMatchObject({ status, body: { code } });
  });
});

describe('an address that is wrong', () => {
  it.each([
    ['GET /v1/vms/vm-0000000000000009', 404, 'VmNotFound'],
    ['GET /v1/vms/1', 400, 'InvalidRequest'],
    ['GET /v1/vms/%', 400, 'InvalidRequest'],
    ['GET /v1/vms/../hosts', 404, 'RouteNotFound'],
    ['GET /v2/vms', 404, 'RouteNotFound'],
    ['GET /', 404, 'RouteNotFound'],
    ['PUT /v1/vms', 405, 'MethodNotAllowed'],
    ['GET /v1/vms?limit=0', 400, 'InvalidRequest'],
    ['GET /v1/vms?limit=x', 400, 'InvalidRequest'],
    ['GET /v1/vms?cursor=x', 400, 'InvalidCursor'],
    ['GET /v1/vms?colour=red', 400, 'InvalidFilter'],
    ['GET /v1/vms?filter=name', 400, 'InvalidFilter'],
    ['GET /v1/vms?name=%ff', 400, 'InvalidFilter'],
    ['GET /v1/me?x=1', 400, 'InvalidRequest'],
    ['GET /v1/me?%ff', 400, 'InvalidRequest'],
    ['GET /v1/operations/op-00000000000000000000000000?wait=21', 400, 'InvalidRequest'],
    ['POST /v1/vms?dryRun=perhaps', 400, 'InvalidRequest'],
  ])('%s is %d', async (line, status, code) => {
    const got = await call(line, { token: admin, ...(line.startsWith('POST') ? { body: good } : {}) });
    expect(got).toMatchObject({ status, body: { code, type: `https://novacron.dev/problems/${code}` } });
  });

  it('names the methods there are', async () => {
    expect((await call('PUT /v1/vms', { token: admin })).headers.allow).toBe('GET, POST');
  });
});

describe('an option of the other provider', () => {
  it('is refused on an action too', async () => {
    const vm = await insertVm(newVm());
    const got = await call(`POST /v1/vms/${vm.id}/actions/stop`, { token: admin, body: { skipOsShutdown: true } });
    expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: '/skipOsShutdown' }] } });
  });
});

const ids = { vm: 'vm-0000000000000001', operation: `op-${'0'.repeat(26)}`, host: 'h-0000000000000001' };
const anyPath = fc
  .constantFrom(...ROUTES.map(({ path }) => path))
  .chain((path) =>
    fc
      .oneof(fc.constantFrom(...Object.values(ids)), fc.string({ maxLength: 40 }).map(encodeURIComponent))
      .map((id) => path.replace('{id}', id)),
  );
const anyQuery = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('limit', 'cursor', 'filter', 'dryRun', 'purge', 'wait', 'name', 'tag:env'), fc.string()),
      fc.string(),
    ),
    { maxLength: 3 },
  )
  .map((pairs) =>
    pairs
      .filter(([name]) => name !== 'wait')
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&'),
  );
const anyBody = fc.oneof(
  fc.json().map((text) => ({ text })),
  fc.string().map((text) => ({ text })),
  fc
    .record(
      {
        name: fc.string(),
        provider: fc.constantFrom('kvm', 'ec2', 'x'),
        image: fc.string(),
        tags: fc.dictionary(fc.string(), fc.string()),
        userData: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: [] },
    )
    .map((body) => ({ body })),
  fc.constant({}),
);

it('no input is answered by 5xx', async () => {
  await insertVm(newVm());
  // Those ask AWS, which is not here.
  const reaches = /console-log|reconcile|enrol|retire|check/;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT'),
      anyPath,
      anyQuery,
      anyBody,
      async (method, path, query, sent) => {
        fc.pre(!reaches.test(path));
        // Without user-data: its bucket is not here either.
        const { userData: _, ...body } = ('body' in sent ? sent.body : {}) as Record<string, unknown>;
        const got = await call(`${method} ${path}?${query}`, { token: admin, ...('body' in sent ? { body } : sent) });
        expect(got.status).toBeLessThan(500);
        expect(got.status).toBeGreaterThanOrEqual(200);
      },
    ),
    { numRuns: 400 },
  );
}, 60_000);
