import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { running } from './samples.ts';

/** The command as a process of its own: what only the launcher and the streams can show. */

const ROOT = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

let plane: FakePlane;
beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.close());

const started = (program: string, ...args: string[]) => {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    said.out += data;
  });
  child.stderr.on('data', (data) => {
    said.err += data;
  });
  return { child, said };
};

const ended = async (child: ChildProcess): Promise<number | null> => {
  await once(child, 'close');
  return child.exitCode;
};

describe('the process', () => {
  it('starts as an executable file', async () => {
    const { child, said } = started(join(ROOT, 'cli/novacron.mjs'), '--version');
    expect(await ended(child)).toBe(0);
    expect(said).toEqual({ out: `${version}\n`, err: '' });
  });

  it('ends its watching on SIGINT with 130 and says how to go on; the operation is not cancelled', async () => {
    plane.script = [running, (begun) => begun, (begun) => begun, (begun) => begun, (begun) => begun];
    const line = 'vm create --provider kvm --image test --name web-1'.split(' ');
    const { child, said } = started(process.execPath, join(ROOT, 'cli/novacron.ts'), ...line);
    await expect.poll(() => said.err, { timeout: 10_000 }).toContain('Launch running');
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    expect(said.err).toMatch(/No longer watching; the operation goes on\. Watch: novacron op watch op-/);
    expect(plane.seen.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual(['/v1/vms']);
  }, 20_000);

  const older = '/usr/bin/node';
  it.skipIf(!existsSync(older))('runs under the Node beside it when an older one starts it', async () => {
    const { child, said } = started(older, join(ROOT, 'cli/novacron.mjs'), 'vm', 'lits');
    expect(await ended(child)).toBe(2);
    expect(said.err).toContain("unknown command 'lits'");
  });
});
