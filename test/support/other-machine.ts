import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, ROOT, run } from './run.ts';

/**
 * This machine with something taken from it or broken: each change is a shell line in a mount namespace of its own, which
 * nothing outside sees and which ends with the programs in it.
 */
export type Change = string;

/** Another content for a file, kept in `folder`. */
export const fileBecomes = (folder: string, path: string, content: string, mode = 0o644): Change => {
  const other = join(folder, path.replaceAll('/', '_'));
  writeFileSync(other, content, { mode });
  return `mount --bind '${other}' '${path}'`;
};

/** A folder that is there and empty. */
export const emptied = (path: string): Change => `mkdir -p '${path}'; mount -t tmpfs none '${path}'`;

const DPKG_STATUS = '/var/lib/dpkg/status';

/** dpkg does not know these packages; their files are still there. Nobody may install them, or the test would change the machine. */
export const withoutPackages = (folder: string, name: RegExp): Change => {
  const paragraphs = readFileSync(DPKG_STATUS, 'utf8').split('\n\n');
  const left = paragraphs.filter((paragraph) => !name.test(/^Package: (.*)$/m.exec(paragraph)?.[1] ?? ''));
  return `export NOVACRON_SKIP_APT=1; ${fileBecomes(folder, DPKG_STATUS, left.join('\n\n'))}`;
};

/** A program that cannot be run. */
export const withoutProgram = (path: string): Change => `mount --bind /dev/null '${path}'`;

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

const START = `'${process.execPath}' '${ROOT}/local/start.ts'`;
const ON_A_TERMINAL = `script -qec "stty columns 200; ${START}" /dev/null`;

const scriptOf = (changes: readonly Change[], start: string): string => [...changes, start].join('\n');

/** `npm start` on such a machine; its processes go on in the namespace when it returns. */
export const startOn = (changes: readonly Change[], env: NodeJS.ProcessEnv): Promise<Ran> =>
  run('unshare', ['--mount', 'bash', '-ec', scriptOf(changes, START)], { PATH: SYSTEM_PATH, ...env });

/** The same where no process of this machine is seen, and none outlives the command. */
export const startAlone = (
  changes: readonly Change[],
  env: NodeJS.ProcessEnv,
  { terminal = false } = {},
): Promise<Ran> => {
  const script = scriptOf(changes, terminal ? ON_A_TERMINAL : START);
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc'];
  return run('unshare', [...namespaces, 'bash', '-ec', script], { PATH: SYSTEM_PATH, ...env });
};
