import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ruleView } from '../../lambdas/domain/rules/rule.ts';
import { vmGroupView } from '../../lambdas/domain/vm-group.ts';
import { newGroup, newRule } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, host, image, maintenanceWindow, vm } from './samples.ts';
import { type } from './typed.ts';

const COMMAND = join(import.meta.dirname, '../../cli/novacron.mjs');
const run = promisify(execFile);

let plane: FakePlane;
let folder: string;

beforeAll(async () => {
  plane = await startPlane();
  plane.vms = [vm({ name: 'web-1' }), vm({ name: 'web-2' }), vm({ name: '$(touch /tmp/novacron-was-here)' })];
  plane.hosts = [host({ name: 'rack-1' })];
  plane.images = [image({ name: 'test' })];
  folder = mkdtempSync(join(tmpdir(), 'novacron-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, shell), (await type(`completion ${shell}`)).out);
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await plane.close();
});

const has = (shell: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${shell}`]);
    return true;
  } catch {
    return false;
  }
};

/** What bash offers for the last of these words. */
const offered = async (...words: string[]): Promise<string[]> => {
  const script = `source '${folder}/bash'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _novacron; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env.PATH, HOME: folder, NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
  const { stdout } = await run('bash', ['-c', script, 'bash', COMMAND, ...words], { env });
  return stdout.split('\n').filter((word) => word !== '');
};

describe('the bash script', () => {
  it('is bash', async () => {
    await expect(run('bash', ['-n', join(folder, 'bash')])).resolves.toMatchObject({ stderr: '' });
  });

  it.each<[string[], string[]]>([
    [['h'], ['host']],
    [['vm', 'un'], ['undelete']],
    [['vm', 'create', '--prov'], ['--provider']],
    [
      ['vm', 'create', '--provider', ''],
      ['ec2', 'kvm'],
    ],
    [['vm', 'list', '-o', 'j'], ['json']],
    [['completion', 'z'], ['zsh']],
    [['image', 'register', '--name', ''], []],
    [['token', 'create', '--role', 'op'], ['operator']],
  ])('for %j offers %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  it.each<[string[], string[]]>([
    [
      ['vm', 'stop', 'w'],
      ['web-1', 'web-2'],
    ],
    [
      ['vm', 'stop', 'web-1', ''],
      ['web-1', 'web-2'],
    ],
    [['vm', 'create', '--image', ''], ['test']],
    [['vm', 'create', '--host', 'r'], ['rack-1']],
    [['host', 'get', ''], ['rack-1']],
  ])('for %j offers the live names %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});

describe.skipIf(!has('zsh'))('the zsh script', () => {
  it('is zsh', async () => {
    await expect(run('zsh', ['-n', join(folder, 'zsh')])).resolves.toMatchObject({ stderr: '' });
  });
});

describe.skipIf(!has('fish'))('the fish script', () => {
  it('is fish, and completes words and live names', async () => {
    const env = { PATH: process.env.PATH, HOME: folder, NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
    const ask = (line: string) => run('fish', ['-c', `source ${folder}/fish; complete -C "${line}"`], { env });
    expect((await ask('novacron vm und')).stdout).toContain('undelete');
    expect((await ask('novacron vm create --provider e')).stdout).toContain('ec2');
  });
});

describe('live names', () => {
  it('leave out what a shell could take for more than a word', async () => {
    const env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
    plane.vms = [vm({ name: '$(id)' }), vm({ name: 'web-1' })];
    expect(await type('__names vm', { env })).toEqual({ code: 0, out: 'web-1\n', err: '' });
  });

  it('are those of what schedules refer to, too', async () => {
    const env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
    plane.calendars = [calendar({ name: 'feiertage' })];
    plane.windows = [maintenanceWindow({ name: 'patching' })];
    plane.groups = [vmGroupView(newGroup({ name: 'shop' }))];
    plane.rules = [ruleView(newRule())];
    const told = async (noun: string) => (await type(`__names ${noun}`, { env })).out;
    expect([await told('calendar'), await told('window'), await told('group'), await told('rule')]).toEqual([
      'feiertage\n',
      'patching\n',
      'shop\n',
      'hot\n',
    ]);
  });

  it('are silent where no plane answers', async () => {
    expect(await type('__names vm')).toEqual({ code: 0, out: '', err: '' });
    expect(await type('__names vm', { env: { NOVACRON_URL: 'http://127.0.0.1:9' } })).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });
});
