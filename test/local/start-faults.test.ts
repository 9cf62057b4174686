import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureVenv } from '../../local/prerequisites.ts';
import {
  type Change,
  emptied,
  fileBecomes,
  startAlone,
  withoutPackages,
  withoutProgram,
} from '../support/other-machine.ts';
import { ROOT } from '../support/run.ts';

/**
 * What `npm start` says on a machine that lacks something: real starts, each of which ends long before a plane is up,
 * at the latest at a port that is held here.
 */
const folder = mkdtempSync(join(tmpdir(), 'novacron-faults-'));
const holder = createServer();
let port = 0;

beforeAll(async () => {
  await ensureVenv(() => undefined);
  await new Promise<void>((listening) => holder.listen(0, '127.0.0.1', listening));
  const address = holder.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  port = address.port;
});
afterAll(() => {
  holder.close();
  rmSync(folder, { recursive: true });
});

const start = (changes: readonly Change[], how = {}) =>
  startAlone(changes, { NOVACRON_HOME: join(folder, 'home'), NOVACRON_PORT: String(port) }, how);

const times = (text: string, sentence: RegExp): number => text.match(new RegExp(sentence, 'gm'))?.length ?? 0;

const TAKEN = /Port \d+ on 127\.0\.0\.1 is taken\. Stop what holds it, or choose another: npm start -- --port \d+/;
/** No Python environment yet, as in a fresh clone. */
const FRESH = emptied(join(ROOT, '.novacron'));
const python = (content: string) => [FRESH, fileBecomes(folder, '/usr/bin/python3', content, 0o755)];
/** Out of reach of the daemons of this machine. */
const NO_DAEMON = emptied('/run');

const FATAL: readonly [what: string, changes: () => readonly Change[], sentence: RegExp][] = [
  ['a port that is taken', () => [], TAKEN],
  [
    'no Python, and no right to install it',
    () => [FRESH, withoutPackages(folder, /^python3(-venv)?$/), withoutProgram('/usr/bin/python3')],
    /The local plane needs Python 3\.11 or later: packages are missing; install them: sudo apt-get install .*python3 python3-venv$/,
  ],
  [
    'a Python that is not on the PATH',
    () => [FRESH, withoutProgram('/usr/bin/python3')],
    /The local plane needs Python 3\.11 or later; there is no python3 on the PATH\./,
  ],
  [
    'a Python that is too old',
    () => python('#!/bin/sh\necho 3 9\n'),
    /The local plane needs Python 3\.11 or later; python3 here is 3\.9\./,
  ],
];

const WITHOUT_KVM: readonly [what: string, changes: () => readonly Change[], sentence: RegExp][] = [
  [
    'a machine without libvirt',
    () => [withoutPackages(folder, /libvirt/)],
    /Going on with EC2 alone: no libvirt on this machine: packages are missing; install them: sudo apt-get install .*libvirt-daemon-system/,
  ],
  [
    'a libvirt daemon that dies',
    () => [NO_DAEMON, fileBecomes(folder, '/etc/libvirt/libvirtd.conf', 'not a setting\n')],
    /Going on with EC2 alone: libvirtd does not start: Can't load config file: .*/,
  ],
];

describe('npm start', () => {
  it('draws its steps on a terminal, and tells there too of a fault once', async () => {
    const { stdout, code } = await start([], { terminal: true });
    expect(stdout).toMatch(/✔.* Python environment/);
    expect(stdout).toMatch(/✖.* Embedded AWS/);
    expect(times(stdout, TAKEN), stdout).toBe(1);
    expect(code).toBe(1);
  });

  it.each(FATAL)('tells of %s in one sentence, and ends', async (_, changes, sentence) => {
    const ran = await start(changes());
    const said = ran.stdout + ran.stderr;
    expect(times(said, sentence), said).toBe(1);
    expect(ran.stderr.trimEnd().split('\n').at(-1)).toMatch(sentence);
    expect(said).not.toMatch(/^ +at /m);
    expect(ran.code).toBe(1);
  });

  it.each(WITHOUT_KVM)('says once what to do on %s, and goes on', async (_, changes, sentence) => {
    const ran = await start(changes());
    expect(times(ran.stdout, sentence), ran.stdout).toBe(1);
    expect(ran.stderr).toMatch(TAKEN);
  });
});
