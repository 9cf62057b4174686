import { describe, expect, it } from 'vitest';
import { access, api } from './plane.ts';

/** Bad input meets a 4xx problem that names the field, and nothing is written. */
const vm = { name: 'never', provider: 'kvm', image: 'test' };
const image = { name: 'never', sha256: '0'.repeat(64), format: 'qcow2' };

const CASES: readonly [what: string, method: string, path: string, body: unknown, status: number, code: string][] = [
  ['malformed JSON', 'POST', '/v1/vms', '{"name":', 400, 'InvalidJson'],
  ['an unknown field', 'POST', '/v1/vms', { ...vm, colour: 'red' }, 400, 'InvalidRequest'],
  ['a wrong type', 'POST', '/v1/vms', { ...vm, vcpus: 'two', memoryMiB: 160 }, 400, 'InvalidRequest'],
  ['a size out of range', 'POST', '/v1/vms', { ...vm, vcpus: 100_000, memoryMiB: 160 }, 400, 'InvalidRequest'],
  ['a name with shell metacharacters', 'POST', '/v1/vms', { ...vm, name: 'a;$(id)`b`' }, 400, 'InvalidRequest'],
  ['a name with XML metacharacters', 'POST', '/v1/vms', { ...vm, name: 'a<b>&c' }, 400, 'InvalidRequest'],
  ['a name that is an option', 'POST', '/v1/vms', { ...vm, name: '--help' }, 400, 'InvalidRequest'],
  ['SSM syntax in a tag', 'POST', '/v1/vms', { ...vm, tags: { a: '{{ssm:secret}}' } }, 400, 'InvalidRequest'],
  ["another provider's option", 'POST', '/v1/vms', { ...vm, ec2: { subnetId: 'subnet-1' } }, 400, 'InvalidRequest'],
  ['an unknown image', 'POST', '/v1/vms', { ...vm, image: 'nowhere' }, 404, 'ImageNotFound'],
  ['an unknown id', 'GET', '/v1/vms/vm-0000000000000000', undefined, 404, 'VmNotFound'],
  ['an impossible id', 'GET', '/v1/vms/x', undefined, 400, 'InvalidRequest'],
  ['a bad cursor', 'GET', '/v1/vms?cursor=abc', undefined, 400, 'InvalidCursor'],
  ['a bad filter', 'GET', '/v1/vms?filter=%3D%3D', undefined, 400, 'InvalidFilter'],
  ['an unknown path', 'GET', '/v1/nothing', undefined, 404, 'RouteNotFound'],
  ['a wrong method', 'DELETE', '/v1/vms', undefined, 405, 'MethodNotAllowed'],
  [
    'metadata as image source',
    'POST',
    '/v1/images',
    { ...image, source: 'https://169.254.169.254/x' },
    422,
    'ImageUrlRefused',
  ],
  [
    'loopback as image source',
    'POST',
    '/v1/images',
    { ...image, source: 'https://127.0.0.1/x' },
    422,
    'ImageUrlRefused',
  ],
  ['decimal loopback', 'POST', '/v1/images', { ...image, source: 'https://2130706433/x' }, 422, 'ImageUrlRefused'],
  [
    'mapped IPv6 loopback',
    'POST',
    '/v1/images',
    { ...image, source: 'https://[::ffff:127.0.0.1]/x' },
    422,
    'ImageUrlRefused',
  ],
  [
    'a private mirror not allowed',
    'POST',
    '/v1/images',
    { ...image, source: 'https://10.0.0.1/x' },
    422,
    'ImageUrlRefused',
  ],
];

describe('bad input', () => {
  it.each(CASES)('%s is refused by name', async (_, method, path, body, status, code) => {
    const reply = await api(method, path, body);
    expect(reply.json, JSON.stringify(reply.json)).toMatchObject({ status, code });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  it('a megabyte is refused', async () => {
    const reply = await api('POST', '/v1/vms', { ...vm, userData: 'x'.repeat(1_000_000) });
    expect([400, 413]).toContain(reply.status);
  });

  it.each(['', 'Bearer x', 'Bearer nc_0000', 'Basic dGVzdDp0ZXN0'])(
    'the credential %j is refused',
    async (authorization) => {
      const reply = await fetch(`${access.url}/v1/vms`, { headers: authorization ? { authorization } : {} });
      expect(reply.status).toBe(401);
    },
  );

  it('nothing was written', async () => {
    const vms = await api('GET', `/v1/vms?filter=${encodeURIComponent('name=never')}`);
    expect(vms.json.items).toEqual([]);
    const images = await api('GET', '/v1/images?limit=100');
    expect(images.json.items.map(({ name }: { name: string }) => name)).not.toContain('never');
  });
});
