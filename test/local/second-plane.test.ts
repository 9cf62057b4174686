import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOn, withoutPackages } from '../support/other-machine.ts';
import { planeClient } from '../support/plane-client.ts';
import { ROOT, run } from '../support/run.ts';
import { api, eventually, HOME, novacron, plane } from './plane.ts';

/** A second plane beside the one under test: own home, own port, on a machine without libvirt, so that EC2 is all it has. */
const folder = mkdtempSync(join(tmpdir(), 'novacron-second-'));
const home = join(folder, 'home');
const second = { NOVACRON_HOME: home, NOVACRON_PORT: '' };
const name = `twin-${Date.now().toString(36).slice(-5)}`;
const CREATE = ['vm', 'create', '--provider', 'ec2', '--image', 'al2023', '--size', 'small', '--name', name];

const freePort = (): Promise<number> =>
  new Promise((found, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address === null || typeof address === 'string' ? fail(address) : found(address.port)));
    });
  });

/** Processes that were told of a home, in their command line or by their environment. */
const processesOf = (where: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      const told = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('\0');
      return told.split(/[\0=:]/).some((word) => word === where || word.startsWith(`${where}/`));
    } catch {
      return false; // not a process, or one that has just ended
    }
  });

const idsIn = (vms: readonly { id: string; name: string }[]) =>
  vms.filter((vm) => vm.name === name).map(({ id }) => id);

beforeAll(async () => {
  second.NOVACRON_PORT = String(await freePort());
});
afterAll(async () => {
  await run(process.execPath, [join(ROOT, 'local/stop.ts')], second);
  await novacron('vm', 'delete', name, '--yes');
  rmSync(folder, { recursive: true });
});

describe('two planes side by side', () => {
  it('the second starts without libvirt, says how to get it, and goes on with EC2 alone', async () => {
    const started = await startOn([withoutPackages(folder, /libvirt/)], second);
    expect(started.code, started.stdout + started.stderr).toBe(0);
    expect(started.stdout).toMatch(/Going on with EC2 alone: .*apt-get install .*libvirt-daemon-system/);
    expect(started.stdout).toContain('novacron vm create --provider ec2');
    expect(planeClient(home).plane.hosts).toEqual([]);
  });

  it('each has a VM of one name, and sees its own only', async () => {
    const other = planeClient(home);
    for (const create of [novacron, other.novacron]) {
      const ran = await create(...CREATE);
      expect(ran.code, ran.stderr).toBe(0);
    }
    const [ours, theirs] = [(await api('GET', `/v1/vms?limit=100`)).json, (await other.api('GET', '/v1/vms')).json];
    expect(idsIn(ours.items)).toHaveLength(1);
    expect(idsIn(theirs.items)).toHaveLength(1);
    expect(theirs.items).toHaveLength(1);
    expect(idsIn(ours.items)).not.toEqual(idsIn(theirs.items));
    expect(other.access.installation).not.toBe(planeClient(HOME).access.installation);
  });

  it('npm stop of the second ends all of it, and nothing of the first', async () => {
    const before = processesOf(HOME);
    expect(processesOf(home)).not.toEqual([]);
    const stopped = await run(process.execPath, [join(ROOT, 'local/stop.ts')], second);
    expect(stopped.code, stopped.stderr).toBe(0);
    await eventually('its workers have ended too', 10, async () => processesOf(home).length === 0);
    await expect(fetch(`http://127.0.0.1:${second.NOVACRON_PORT}/`)).rejects.toThrow();
    expect(processesOf(HOME)).toContain(String(plane.emulator?.pid));
    expect(before).toContain(String(plane.emulator?.pid));
    expect((await novacron('vm', 'stop', name)).code).toBe(0);
  });
});
