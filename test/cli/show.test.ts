import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { facts, host, image, operation, succeeded, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
});
afterEach(() => plane.close());

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000 - 500).toISOString();

describe('a table', () => {
  it('shows VMs of both providers, strangers included, in columns', async () => {
    plane.vms = [
      vm({ name: 'web-1', createdAt: minutesAgo(5) }),
      vm({
        name: 'データ',
        provider: 'ec2',
        managed: false,
        state: 'unknown',
        lastState: 'running',
        location: { region: 'eu-central-1', zone: 'eu-central-1a' },
        instanceType: 't3.small',
        addresses: [],
        createdAt: minutesAgo(180),
      }),
    ];
    delete (plane.vms[1] as { size?: string }).size;
    const { code, out, err } = await type('vm list', { env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      [
        'NAME    PROVIDER  STATE                  READY  LOCATION       SIZE      VCPU  MEMORY  ADDRESS        MANAGED  AGE',
        'web-1   kvm       running                yes    rack-1         small        1   2 GiB  192.168.122.5  yes      5 m',
        'データ  ec2       unknown (was running)  –      eu-central-1a  t3.small     1   2 GiB  –              no       3 h',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['vm list', 'No VMs.\n'],
    ['host list', 'No hosts. Add one: novacron host enrol <name>\n'],
    ['op list', 'No operations.\n'],
  ])('says so where there is nothing: %s', async (line, said) => {
    expect(await type(line, { env })).toEqual({ code: 0, out: '', err: said });
  });

  it('shows one page, says that there is more, and with --all shows every page', async () => {
    plane.vms = [vm({ name: 'a' }), vm({ name: 'b' }), vm({ name: 'c' })];
    const first = await type('vm list -o name', { env });
    expect(first).toMatchObject({ code: 0, out: 'a\nb\n', err: expect.stringContaining('--all') });
    expect(await type('vm list -o name --all', { env })).toEqual({ code: 0, out: 'a\nb\nc\n', err: '' });
  });

  it('passes the filter on as one text of the grammar', async () => {
    await type(['vm', 'list', '--filter', 'provider=kvm&state=running', '-f', 'name~web', '--limit', '7'], { env });
    expect(plane.seen[0]?.query).toEqual({ filter: 'provider=kvm&state=running&name~web', limit: '7' });
  });

  it('shows hosts by what matters for placement', async () => {
    plane.hosts = [host({ facts: facts() }), host({ name: 'rack-2', active: false })];
    const { out } = await type('host list', { env });
    const [titles = '', first = '', second = ''] = out.split('\n');
    expect(titles.split(/ {2,}/)).toEqual([
      'NAME',
      'STATE',
      'ACCEL',
      'CORES',
      'MEMORY',
      'PLACED',
      'DISK FREE',
      'LIBVIRT',
      'UNIT',
      'BEAT',
    ]);
    expect(first.split(/ {2,}/)).toEqual([
      'rack-1',
      'ready',
      'kvm',
      '8',
      '64 GiB',
      '1 vCPU, 2 GiB',
      '150 GiB',
      '9.0.0',
      '1',
      expect.stringMatching(/^\d s$/),
    ]);
    expect(second).toContain('ready (inactive)');
  });
});

describe('other formats', () => {
  it('prints a list as the array of the API', async () => {
    plane.vms = [vm(), vm()];
    const { out } = await type('vm list -o json', { env });
    expect(JSON.parse(out)).toEqual(plane.vms);
  });

  it('prints one thing as itself, several as an array', async () => {
    plane.vms = [vm({ name: 'a' }), vm({ name: 'b' })];
    expect(JSON.parse((await type('vm get a -o json', { env })).out)).toEqual(plane.vms[0]);
    expect(JSON.parse((await type('vm get a b -o json', { env })).out)).toEqual(plane.vms);
    expect(parse((await type('vm get b -o yaml', { env })).out)).toEqual(plane.vms[1]);
  });

  it('has no colours without a terminal, and colours where they are forced', async () => {
    plane.vms = [vm()];
    expect((await type('vm list', { env })).out).not.toContain('\u001b');
    expect((await type('vm list', { env: { ...env, FORCE_COLOR: '1' } })).out).toContain('\u001b[32mrunning');
    expect((await type('vm list', { env: { ...env, FORCE_COLOR: '1', NO_COLOR: '1' } })).out).not.toContain('\u001b');
  });
});

describe('a page', () => {
  it('lays a VM out with its lock and what is allowed', async () => {
    plane.vms = [vm({ name: 'web-1', tags: { env: 'prod' } })];
    const { out } = await type('vm get web-1', { env });
    const lines = Object.fromEntries(out.split('\n').map((text) => text.split(/ {2,}(.*)/).slice(0, 2)));
    expect(lines).toMatchObject({
      Name: 'web-1',
      State: 'running',
      Size: 'small (1 vCPU, 2 GiB)',
      Addresses: '192.168.122.5',
      Tags: 'env=prod',
      'Allowed now': 'stop, reboot',
    });
  });

  it('shows the steps of an operation with their times', async () => {
    plane.operations.set('op-1', succeeded(operation({ vmName: 'web-1' })));
    const { out } = await type('op get op-1', { env });
    expect(out).toContain('Create web-1 (op-1)');
    expect(out).toMatch(/✔ Launch {8}2\.0 s\n +✔ Await Ready {3}2\.0 s\n/);
  });

  it('shows the checks of a host, with the fix of one that failed', async () => {
    const checks = [
      { name: 'clock', ok: false, required: true, detail: '90 s off', fix: 'apt-get install chrony' },
      { name: 'libvirt', ok: true, required: true, detail: '9.0.0' },
    ];
    const upgrade = { version: '2', operationId: operation().id, attempt: 1, at: '2026-11-25T10:00:00.000Z' };
    plane.hosts = [host({ facts: facts({ checks }), upgrade })];
    const { out } = await type('host get rack-1', { env });
    expect(out).toMatch(/Versions +libvirt 9\.0\.0, QEMU .*, unit 1\n/);
    expect(out).toMatch(/Upgrade +unit 2 was sent /);
    expect(out).toMatch(/✖ clock {2}90 s off\n +fix: apt-get install chrony\n +✔ libvirt {2}9\.0\.0\n/);
  });
});

describe('vm log', () => {
  it('prints the console without what a terminal would obey', async () => {
    plane.vms = [vm({ name: 'web-1' })];
    expect(await type('vm log web-1', { env })).toEqual({ code: 0, out: 'boot\nready\n', err: '' });
  });
});

describe('names', () => {
  it('are asked for with the filter, and ids are taken as they are', async () => {
    plane.vms = [vm({ name: 'web-1' })];
    await type('vm get web-1', { env });
    expect(plane.seen).toMatchObject([{ path: '/v1/vms', query: { filter: 'name=web-1' } }]);
    await type(`vm get ${plane.vms[0]?.id}`, { env });
    expect(plane.seen.at(-1)?.path).toBe(`/v1/vms/${plane.vms[0]?.id}`);
  });

  it('that are unknown meet the ones that were likely meant', async () => {
    plane.vms = [vm({ name: 'web-1' }), vm({ name: 'db-1' })];
    const { code, err } = await type('vm get wbe-1', { env });
    expect(code).toBe(1);
    expect(err).toBe('error: There is no VM wbe-1. Did you mean web-1?\n  next: See what there is: novacron vm list\n');
  });

  it('that several have are refused with the ids', async () => {
    plane.vms = [vm({ name: 'twin' }), vm({ name: 'twin' })];
    const { code, err } = await type('vm get twin', { env });
    expect(code).toBe(1);
    expect(err).toContain(`2 VMs are called twin: ${plane.vms[0]?.id}, ${plane.vms[1]?.id}.`);
  });

  it('of images work alike', async () => {
    plane.images = [image()];
    expect(JSON.parse((await type('image get test -o json', { env })).out)).toEqual(plane.images[0]);
  });
});
