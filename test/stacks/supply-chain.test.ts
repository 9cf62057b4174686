import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../../lib/bundles.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const Package = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  dev: z.boolean().optional(),
  link: z.boolean().optional(),
  /** It came within another's archive, and is held by its hash. */
  inBundle: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lock = z.object({ packages: z.record(z.string(), Package) }).parse(JSON.parse(read('package-lock.json')));

/** What npm installs, by its path; our own workspaces are links. */
const PACKAGES = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? '';

/**
 * Licences that ask for no more than a notice, and MPL-2.0, whose files we do not change. The tables of holidays
 * (CC BY-SA, whatever their manifest says) ask to be named, which NOTICE does, and lie unchanged in a file of their own.
 */
const LICENCES = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  '0BSD',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'MPL-2.0',
  'Unlicense',
  'PSF-2.0',
  'ISC AND CC-BY-3.0',
];

/** Tables that a tool of the tests reads; nothing of them is shipped. */
const TOOLS_LICENCES = [...LICENCES, 'CC-BY-4.0'];

/** What may run code while it is installed, and why. */
const INSTALL_SCRIPTS = { esbuild: 'checks its own binary', node: 'brings the Node that everything runs on' };

const EXACT = /^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+$/;

describe('npm packages', () => {
  it('come from the registry, each held by its hash', () => {
    expect(PACKAGES.length).toBeGreaterThan(100);
    const loose = PACKAGES.filter(
      ([, { integrity, resolved, inBundle }]) => !(integrity?.startsWith('sha512-') || inBundle) || resolved,
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('are asked for by their exact version', () => {
    const Manifest = z.object({
      dependencies: z.record(z.string(), z.string()).default({}),
      devDependencies: z.record(z.string(), z.string()).default({}),
    });
    for (const file of ['package.json', 'cli/package.json']) {
      const { dependencies, devDependencies } = Manifest.parse(JSON.parse(read(file)));
      const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, wanted]) => !EXACT.test(wanted));
      expect(loose, file).toEqual([]);
    }
  });

  it('have licences that allow what we do', () => {
    const offers = (license = ''): string[] => license.replace(/[()]/g, '').split(' OR ');
    const allowed = ({ dev }: z.infer<typeof Package>) => (dev ? TOOLS_LICENCES : LICENCES);
    const others = PACKAGES.filter(([, each]) => !offers(each.license).some((one) => allowed(each).includes(one)));
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it('run no code at install but what is named', () => {
    const running = PACKAGES.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    expect(running.sort()).toEqual(Object.keys(INSTALL_SCRIPTS).sort());
  });

  it('stand in the bill of materials, all that the product runs with', () => {
    const Sbom = z.object({
      bomFormat: z.literal('CycloneDX'),
      components: z.array(z.object({ name: z.string(), version: z.string(), purl: z.string() })),
    });
    const [command = '', ...args] = JSON.parse(read('package.json')).scripts.sbom.split(' ');
    const text = execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 50_000_000 });
    const { components } = Sbom.parse(JSON.parse(text));
    const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', '')));
    const wanted = PACKAGES.filter(([, { dev }]) => !dev).map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect(wanted.filter((each) => !listed.has(each))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(50);
  });
});

it.each(['local/requirements.txt', 'local/requirements-dev.txt'])('%s names exact versions', (file) => {
  const lines = read(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.filter((line) => !/^[\w.-]+==[\w.]+$/.test(line))).toEqual([]);
});

it('the same sources give the same code, in a process with other surroundings too', () => {
  const program = `import('./lib/bundles.ts').then(({ bundle, entries, hashOf }) => {
    for (const [entry, made] of bundle(entries())) console.log(entry, hashOf(made));
  })`;
  const built = (more: Record<string, string>): string =>
    execFileSync(process.execPath, ['-e', program], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...more },
    });
  const first = built({ HOME: '/nonexistent', TZ: 'Pacific/Apia', LANG: 'C' });
  expect(first.split('\n').length).toBeGreaterThan(20);
  expect(built({ TZ: 'UTC', LANG: 'de_DE.UTF-8' })).toBe(first);
});
