import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakePlane, problem, startPlane, type Trouble } from './fake-plane.ts';
import { succeeded, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
});
afterEach(() => plane.close());

const CREATE = 'vm create --provider kvm --image test --name web-1';
const JSON_TYPE = { 'content-type': 'application/problem+json' };

/** The answer of the plane with this problem. */
const refusing = (...[code, detail, errors]: Parameters<typeof problem>): Trouble => {
  const { status, body } = problem(code, detail, errors);
  return { status, headers: JSON_TYPE, text: JSON.stringify(body) };
};

describe('a refusal of the plane', () => {
  it('tells cause, next step, page and request id', async () => {
    plane.troubles = [refusing('NoHostFits', 'rack-1: memory\nrack-2: disk')];
    expect(await type(CREATE, { env })).toEqual({
      code: 1,
      out: '',
      err: [
        'error: No host can take the VM (NoHostFits)',
        '  rack-1: memory',
        '  rack-2: disk',
        '  next: Choose a smaller --size, free a host, or add one: novacron host enrol <name>',
        '  docs: docs/problems/NoHostFits.md · request id: req-1',
        '',
      ].join('\n'),
    });
  });

  it.each([
    ['Unauthenticated', 4],
    ['Forbidden', 4],
    ['VmNotFound', 1],
    ['VmLocked', 1],
    ['PreconditionFailed', 1],
  ] as const)('%s ends with exit code %d', async (code, exit) => {
    plane.troubles = [refusing(code, 'so it is')];
    expect((await type('vm list', { env })).code).toBe(exit);
  });

  it('of a field names the option, shows the usage line and ends with exit code 2', async () => {
    plane.troubles = [refusing('InvalidRequest', 'bad', [{ pointer: '/memoryMiB', detail: 'at least 128' }])];
    const { code, err } = await type(`${CREATE} --vcpus 1 --memory 64`, { env });
    expect(code).toBe(2);
    expect(err).toContain('  --memory: at least 128\n');
    expect(err).toContain('Usage: novacron vm create [options]\n');
  });
});

describe("the gateway's own answer", () => {
  it.each([
    [403, '{"message":"Forbidden"}', 4, 'The gateway refuses the call'],
    [413, '{"message":"Request Entity Too Large"}', 1, 'larger than the gateway takes'],
    [404, '<html>', 1, 'no NovaCron API at this address'],
    [418, 'teapot', 1, 'The answer was HTTP 418'],
  ])('%d is put in words', async (status, text, exit, said) => {
    plane.troubles = [{ status, text, headers: { 'apigw-requestid': 'gw-7' } }];
    const { code, err } = await type('vm list', { env });
    expect(code).toBe(exit);
    expect(err).toContain(said);
    expect(err).toContain('request id: gw-7');
  });
});

describe('trying again', () => {
  it.each<[string, Trouble]>([
    ['a throttled gateway', { status: 429, text: '{"message":"Too Many Requests"}' }],
    ['a gateway that gave up', { status: 503, text: '{"message":"Service Unavailable"}' }],
    ['a reply that was lost after the deed', { lost: true }],
  ])('survives %s with the same Idempotency-Key: one VM', async (_, trouble) => {
    plane.troubles = [trouble];
    plane.script = [succeeded];
    expect((await type(CREATE, { env })).code).toBe(0);
    const keys = plane.seen.filter(({ method }) => method === 'POST').map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(plane.vms).toHaveLength(1);
  });

  it('gives each request a key of its own', async () => {
    plane.vms = [vm({ name: 'a' }), vm({ name: 'b' })];
    await type('vm stop a b --no-wait', { env });
    const keys = plane.seen.filter(({ method }) => method === 'POST').map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('waits as long as Retry-After says, and says so', async () => {
    plane.troubles = [{ status: 429, headers: { 'retry-after': '1' } }];
    const before = Date.now();
    const { code, err } = await type('vm list', { env });
    expect(code).toBe(0);
    expect(Date.now() - before).toBeGreaterThanOrEqual(990);
    expect(err).toContain('trying again in 1 s');
  });

  it("does not repeat what is the plane's verdict", async () => {
    plane.troubles = [refusing('HostFault', 'qemu died')];
    expect((await type('vm list', { env })).code).toBe(1);
    expect(plane.seen).toHaveLength(1);
  });
});

describe('no answer', () => {
  it('from a local plane means that it does not run', async () => {
    await plane.close();
    const { code, err } = await type('vm list', { env });
    expect(code).toBe(1);
    expect(err).toBe(
      `error: Nothing listens at ${plane.url}\n  the address is from NOVACRON_URL\n  next: Start the local plane: npm start\n`,
    );
  });

  it('because no plane is known says what to do', async () => {
    const { code, err } = await type('vm list');
    expect(code).toBe(1);
    expect(err).toContain('It is not known which plane to talk to.\n  next: Start a local one (npm start), log in');
  });
});
