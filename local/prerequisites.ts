import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inClone, ROOT } from './home.ts';
import { has, RunFault, run, StartFault } from './processes.ts';

/** Debian packages without which this machine is no libvirt host; the rest of the plane does without them. */
const KVM_PACKAGES = [
  'libvirt-daemon-system',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
  'python3-libvirt',
  'dnsmasq-base',
  'iptables',
  'nftables',
  'iproute2',
];

const isRoot = process.getuid?.() === 0;

/** How to run something as root here: as we are, through sudo without a password, or not at all. */
const rootPrefix = async (): Promise<readonly string[] | undefined> => {
  if (isRoot) return [];
  if (!(await has('sudo'))) return undefined;
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
};

/** A function of packages.sh with these arguments, as root where that can be. */
const inPackages = async (name: string, args: readonly string[]): Promise<string> => {
  const line = ['bash', '-c', '. "$0"; "$@"', join(ROOT, 'local', 'packages.sh'), name, ...args];
  const [program = 'bash', ...rest] = [...((await rootPrefix()) ?? []), ...line];
  return run(program, rest);
};

/** Installs Debian packages that are missing. @throws StartFault with what they are for and how to get them where we cannot */
const install = async (what: string, packages: readonly string[], tell: (line: string) => void): Promise<void> => {
  tell('looking for Debian packages, installing what is missing');
  await inPackages('need_packages', packages).catch((error: unknown) => {
    throw error instanceof RunFault ? new StartFault(`${what}: ${error.lastLine}`) : error;
  });
};

/**
 * The packages of a libvirt host. @returns why this machine can be none, in words that say what to do, or undefined when all is well.
 */
export const ensureKvmPackages = async (tell: (line: string) => void): Promise<string | undefined> => {
  if (!isRoot) return 'driving the libvirt of this machine needs root: sudo npm start';
  if (!existsSync('/dev/kvm')) tell('no /dev/kvm: guests will run under QEMU emulation (slow)');
  return install('no libvirt on this machine', KVM_PACKAGES, tell).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
};

/** What only the tests use: the shells of the completion scripts, and virt-install, the benchmark's peer. */
export const ensureTestTools = (tell: (line: string) => void): Promise<void> =>
  install('The tests lack tools', ['shellcheck', 'virtinst', 'zsh', 'fish'], tell);

const UNPACKED = inClone('unpacked');

/** Debian's Alertmanager, the peer of ours, and its Prometheus: unpacked and not installed, so that no service of them begins. */
export const ALERTMANAGER = join(UNPACKED, 'usr', 'bin', 'prometheus-alertmanager');
export const AMTOOL = join(UNPACKED, 'usr', 'bin', 'amtool');
export const PROMETHEUS = join(UNPACKED, 'usr', 'bin', 'prometheus');
export const PROMTOOL = join(UNPACKED, 'usr', 'bin', 'promtool');

const unpack = async (program: string, name: string, tell: (line: string) => void): Promise<void> => {
  if (existsSync(program)) return;
  tell(`unpacking Debian's ${name}`);
  await inPackages('unpack_package', [name, UNPACKED, inClone('cache', 'debs')]);
};

/** Where Debian's Alertmanager reads its templates, and nowhere else. */
export const TEMPLATES = '/usr/share/prometheus/alertmanager';

/** Unpacks the Alertmanager that ours is compared with. */
export const ensureAlertmanager = async (tell: (line: string) => void): Promise<void> => {
  await unpack(AMTOOL, 'prometheus-alertmanager', tell);
  if (!existsSync(TEMPLATES)) await inPackages('place_files', [join(UNPACKED, TEMPLATES), TEMPLATES]);
};

/** Unpacks the Prometheus that sends to us. */
export const ensurePrometheus = (tell: (line: string) => void): Promise<void> => unpack(PROMETHEUS, 'prometheus', tell);

/** The interpreter of the plane's private venv. */
export const VENV_PYTHON = inClone('venv', 'bin', 'python');

/** Makes the private Python environment, or brings it to what the requirement files say. @throws StartFault */
export const ensureVenv = async (tell: (line: string) => void, files = ['requirements.txt']): Promise<void> => {
  const paths = files.map((file) => join(ROOT, 'local', file));
  const wanted = createHash('sha256')
    .update(paths.map((path) => readFileSync(path, 'utf8')).join('\n'))
    .digest('hex');
  const stamp = inClone('venv', `.installed-${files.join('+')}`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await ensurePython(tell);
  if (!existsSync(VENV_PYTHON)) await run('python3', ['-m', 'venv', inClone('venv')]);
  const requirements = paths.flatMap((path) => ['-r', path]);
  await run(
    VENV_PYTHON,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...requirements],
    {
      onLine: tell,
    },
  );
  writeFileSync(stamp, wanted);
};

/** The tiny guest of the tests and of the local plane; beside it lies its kernel, `test.vmlinuz`. */
export const TEST_IMAGE = inClone('cache', 'test.qcow2');

/** Builds the test image where this clone has none yet (about a minute). */
export const ensureTestImage = async (tell: (line: string) => void): Promise<void> => {
  if (existsSync(TEST_IMAGE)) return;
  tell('building the test image from Debian packages (about a minute)');
  await run('bash', [join(ROOT, 'local', 'test-image.sh'), TEST_IMAGE], { onLine: tell });
};

const PYTHON_FLOOR = [3, 11] as const;
const NEEDED = `The local plane needs Python ${PYTHON_FLOOR.join('.')} or later`;

/** A Python that can make an environment; installed by apt where it is missing. @throws StartFault with what to do */
export const ensurePython = async (tell: (line: string) => void): Promise<void> => {
  if (!(await has('python3'))) await install(NEEDED, ['python3', 'python3-venv'], tell);
  if (!(await has('python3'))) throw new StartFault(`${NEEDED}; there is no python3 on the PATH.`);
  const version = await run('python3', ['-c', 'import sys; print(*sys.version_info[:2])']);
  const [major = 0, minor = 0] = version.trim().split(' ').map(Number);
  if (major < PYTHON_FLOOR[0] || (major === PYTHON_FLOOR[0] && minor < PYTHON_FLOOR[1])) {
    throw new StartFault(`${NEEDED}; python3 here is ${major}.${minor}.`);
  }
  // Debian splits ensurepip off into python3-venv
  await run('python3', ['-c', 'import ensurepip, venv']).catch(() => install(NEEDED, ['python3-venv'], tell));
};
