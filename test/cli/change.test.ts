import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../cli/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { failed, host, running, succeeded, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
});
afterEach(() => plane.close());

const CREATE = 'vm create --provider kvm --image test --name web-1';
const sent = (method: string) => plane.seen.filter((request) => request.method === method);

describe('vm create', () => {
  it('tells each step once with its time on standard error, and prints the VM', async () => {
    plane.script = [running, running, succeeded];
    const { code, out, err } = await type(`${CREATE} --wait -o json`, { env });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(plane.vms[0]);
    expect(err.replaceAll(/^\d\d:\d\d:\d\d/gm, 'TIME')).toBe(
      [
        'TIME Create web-1: Launch running',
        'TIME Create web-1: Launch succeeded (2.0 s)',
        'TIME Create web-1: Await Ready succeeded (2.0 s)',
        'TIME Create web-1: Record succeeded (2.0 s)',
        '',
      ].join('\n'),
    );
  });

  it('asks with a long wait and the version it has seen', async () => {
    plane.script = [running, succeeded];
    await type(CREATE, { env });
    const looks = plane.seen.filter(({ query }) => query.wait !== undefined);
    expect(looks.map(({ query }) => query)).toEqual([
      { wait: '20', seen: '1' },
      { wait: '20', seen: '2' },
    ]);
  });

  it('sends what the options say, and nothing else', async () => {
    plane.script = [succeeded];
    const key = join(tmpdir(), `novacron-${process.pid}.pub`);
    writeFileSync(key, '# mine\nssh-ed25519 AAAA me@here\n');
    const line = `${CREATE} --vcpus 2 --memory 512 --disk 5 --ready port:22 --ready-timeout 5m --install-agent --tag env=prod --tag tier=web --host rack-1 --network default`;
    await type([...line.split(' '), '--ssh-key', `@${key}`, '--user-data', '#cloud-config'], { env });
    expect(sent('POST')[0]?.body).toEqual({
      name: 'web-1',
      provider: 'kvm',
      image: 'test',
      vcpus: 2,
      memoryMiB: 512,
      diskGiB: 5,
      ready: 'port:22',
      readyTimeoutSeconds: 300,
      installAgent: true,
      tags: { env: 'prod', tier: 'web' },
      sshKeys: ['ssh-ed25519 AAAA me@here'],
      userData: '#cloud-config',
      kvm: { host: 'rack-1', network: 'default' },
    });
  });

  it('groups what only EC2 knows', async () => {
    plane.script = [succeeded];
    const line =
      'vm create --provider ec2 --image al2023 --name web-2 --type t3.small,t3a.small --region eu-central-1 --subnet subnet-1 --security-group sg-1,sg-2 --volume device=/dev/sdf,size=20';
    await type(line, { env });
    expect(sent('POST')[0]?.body).toEqual({
      name: 'web-2',
      provider: 'ec2',
      image: 'al2023',
      type: ['t3.small', 't3a.small'],
      region: 'eu-central-1',
      ec2: {
        subnetId: 'subnet-1',
        securityGroupIds: ['sg-1', 'sg-2'],
        volumes: [{ device: '/dev/sdf', sizeGiB: 20, type: 'gp3' }],
      },
    });
  });

  it('returns at once with --no-wait, with the operation', async () => {
    const { code, out, err } = await type(`${CREATE} --no-wait -o json`, { env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual([...plane.operations.values()][0]);
    expect(plane.seen).toHaveLength(1);
  });

  it('fails with the cause, the page of the fault and where to look', async () => {
    plane.script = [running, failed('DiskFull', 'rack-1 has 0 GiB left.')];
    const { code, out, err } = await type(CREATE, { env });
    const [id] = plane.operations.keys();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(
      `error: Create web-1 failed (DiskFull)\n  rack-1 has 0 GiB left.\n  next: See its steps: novacron op get ${id}\n  docs: docs/problems/DiskFull.md\n`,
    );
  });

  it('gives up watching after --timeout with exit code 5; the operation goes on', async () => {
    const still = (begun: Operation): Operation => begun;
    plane.script = [running, still, still, still, still, still, still];
    const { code, err } = await type(`${CREATE} --timeout 2s`, { env });
    const [id] = plane.operations.keys();
    expect(code).toBe(5);
    expect(err).toContain(`Not done after 2 s; the operation goes on. Watch: novacron op watch ${id}`);
    expect(sent('POST')).toHaveLength(1);
  });

  it('stops watching on Ctrl-C, says how to go on, and cancels nothing', async () => {
    const interruption = new AbortController();
    plane.script = [
      (begun) => {
        interruption.abort();
        return running(begun);
      },
    ];
    const { code, err } = await type(CREATE, { env, interrupted: interruption.signal });
    expect(code).toBe(130);
    expect(err).toMatch(/No longer watching; the operation goes on\. Watch: novacron op watch op-/);
    expect(sent('POST').map(({ path }) => path)).toEqual(['/v1/vms']);
  });

  it('prints plan, price and refused hosts with --dry-run, and begins nothing', async () => {
    plane.plan = {
      steps: ['Launch', 'Await Ready', 'Record'],
      location: { hostName: 'rack-1' },
      price: { hourlyUsd: 0.0042, monthlyUsd: 3.07, kind: 'estimate', source: 'the price book', asOf: '2026-11-25' },
      refusedHosts: [{ host: 'rack-2', filter: 'memory', detail: '512 MiB free, 2048 needed' }],
    };
    const { code, out } = await type(`${CREATE} --dry-run`, { env });
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'Plan      create web-1 on kvm',
        'Steps     Launch → Await Ready → Record',
        'Location  rack-1',
        'Price     $0.0042 an hour, $3.07 a month',
        '          the price book, 2026-11-25',
        '',
        'NOT ON  BECAUSE OF  DETAIL',
        'rack-2  memory      512 MiB free, 2048 needed',
        '',
      ].join('\n'),
    );
    expect(plane.operations.size).toBe(0);
    expect(JSON.parse((await type(`${CREATE} --dry-run -o json`, { env })).out)).toEqual(plane.plan);
  });
});

describe('changes of VMs', () => {
  it('takes several at once, and goes on with the others where one is refused', async () => {
    plane.vms = [vm({ name: 'a' }), vm({ name: 'b', deletionProtection: true })];
    plane.script = [succeeded];
    const { code, out, err } = await type('vm delete a b --yes', { env });
    expect(code).toBe(1);
    expect(out).toBe('a is deleted.\n');
    expect(err).toContain(
      'error: Deletion protection is on (VmProtected)\n  b is protected.\n  next: Lift the protection first',
    );
  });

  it('does nothing at all where one of the names is unknown', async () => {
    plane.vms = [vm({ name: 'a' })];
    expect((await type('vm stop a nobody', { env })).code).toBe(1);
    expect(sent('POST')).toEqual([]);
  });

  it('sends grace and force of a stop', async () => {
    plane.vms = [vm({ name: 'a' })];
    plane.script = [succeeded];
    expect((await type('vm stop a --grace 2m --force', { env })).code).toBe(0);
    expect(sent('POST')[0]).toMatchObject({
      path: `/v1/vms/${plane.vms[0]?.id}/actions/stop`,
      body: { graceSeconds: 120, force: true },
    });
  });

  it.each([
    ['--save', 'save'],
    ['--hibernate', 'hibernate'],
    ['--mode save', 'save'],
  ])('sends with %s how the memory is kept', async (words, mode) => {
    plane.vms = [vm({ name: 'a' })];
    plane.script = [succeeded];
    expect((await type(`vm stop a ${words}`, { env })).code).toBe(0);
    expect(sent('POST')[0]).toMatchObject({ body: { mode } });
  });

  it('refuses two ways of keeping it, and one there is not', async () => {
    for (const words of ['--save --hibernate', '--mode pause']) {
      expect((await type(`vm stop a ${words}`, { env })).code).toBe(2);
    }
    expect(sent('POST')).toEqual([]);
  });

  it('asks before a delete: refused where nobody can be asked, on a no, and done on a yes', async () => {
    plane.vms = [vm({ name: 'a' })];
    expect(await type('vm delete a', { env })).toMatchObject({ code: 2, err: expect.stringContaining('say --yes') });
    expect(await type('vm delete a', { env, answers: 'n\n' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Delete a? [y/N]'),
    });
    expect(sent('DELETE')).toEqual([]);
    plane.script = [succeeded];
    expect(await type('vm delete a --purge', { env, answers: 'yes\n' })).toMatchObject({ code: 0 });
    expect(sent('DELETE')[0]?.query).toEqual({ purge: 'true' });
  });

  it('undeletes by name among the deleted ones only', async () => {
    plane.vms = [vm({ name: 'a' }), vm({ name: 'a', state: 'deleted' })];
    plane.script = [succeeded];
    expect((await type('vm undelete a', { env })).code).toBe(0);
    expect(sent('POST')[0]?.path).toContain(plane.vms[1]?.id);
  });

  it('keeps the tags that an update does not name', async () => {
    plane.vms = [vm({ name: 'a', tags: { env: 'dev', tier: 'web' } })];
    await type('vm update a --tag env=prod --untag tier --no-deletion-protection', { env });
    expect(sent('PATCH')[0]?.body).toEqual({ tags: { env: 'prod' }, deletionProtection: false });
  });
});

describe('op', () => {
  it('cancel succeeds when the operation ends cancelled', async () => {
    await type(`${CREATE} --no-wait`, { env });
    const [id = ''] = plane.operations.keys();
    plane.script = [(begun) => ({ ...begun, state: 'cancelled', error: { name: 'Cancelled', detail: 'by tester' } })];
    expect(await type(`op cancel ${id}`, { env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('cancelled'),
    });
  });

  it('watch ends with the exit code of the operation', async () => {
    await type(`${CREATE} --no-wait`, { env });
    const [id = ''] = plane.operations.keys();
    plane.script = [running, failed('HostFault', 'qemu died')];
    expect((await type(`op watch ${id}`, { env })).code).toBe(1);
  });
});

describe('what a program needs', () => {
  it('gets the token alone on standard output', async () => {
    const { code, out } = await type('token create --name ci --role operator --expires 7d', { env });
    expect({ code, out }).toEqual({ code: 0, out: 's3cret\n' });
    expect(sent('POST')[0]?.body).toEqual({ name: 'ci', role: 'operator', expiresInDays: 7 });
  });

  it('gets the enrolment line alone on standard output', async () => {
    const { out, err } = await type('host enrol rack-9 --tag room=b', { env });
    expect(out).toBe('curl -fsS https://x | sh\n');
    expect(err).toContain('ssm.example.org');
    expect(sent('POST')[0]?.body).toEqual({ name: 'rack-9', tags: { room: 'b' } });
  });
});

describe('retiring a host', () => {
  it('gives its VMs up only where that is asked for', async () => {
    plane.hosts = [host()];
    await type(`host retire rack-1 --yes`, { env });
    await type(`host retire rack-1 --abandon-vms --yes`, { env });
    expect(sent('POST').map(({ body }) => body)).toEqual([undefined, { abandonVms: true }]);
  });

  it('says before that VMs are given up', async () => {
    plane.hosts = [host()];
    const { code, err } = await type(`host retire rack-1 --abandon-vms`, { env });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--yes') });
    expect(sent('POST')).toEqual([]);
  });
});
