import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** How the text of a file is made another. */
export type Edit = (source: string) => string;

export interface SlimPackage {
  readonly name: string;
  /** The part of the package that is copied; all of it where none is named. */
  readonly folder?: string;
  /** By the file's path within the package. */
  readonly edits: Readonly<Record<string, Edit>>;
}

const EXPORTED = /^export (?:const|class|(?:async )?function) (\w+)/gm;

/** A module of the same names (and of those that are exported otherwise), each of which is this expression. */
export const stubOf =
  (none: string, otherwise: readonly string[] = []): Edit =>
  (source) => {
    const names = [...Array.from(source.matchAll(EXPORTED), ([, name = '']) => name), ...otherwise];
    return [`const none = ${none};`, ...names.map((name) => `export { none as ${name} };`), ''].join('\n');
  };

/** Where npm has put a package. */
export const installed = (name: string): string => join(ROOT, 'node_modules', name);

/** Stands in the name of each copy: one that another text of these modules made is no good. */
const makers = (): string => {
  const hash = createHash('sha256');
  for (const file of globSync('slim-*.ts', { cwd: import.meta.dirname }).sort()) {
    hash.update(readFileSync(join(import.meta.dirname, file)));
  }
  return hash.digest('hex').slice(0, 8);
};

/** Made aside and moved into place, so that two syntheses at once never see half of it. */
const moveInto = (draft: string, place: string): void => {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true });
  }
};

/** The texts that the edits make, by file. @throws Error where there is nothing to edit: the package has changed */
const edited = ({ name, edits }: SlimPackage): [string, string][] =>
  Object.entries(edits).map(([file, edit]) => {
    const source = readFileSync(join(installed(name), file), 'utf8');
    const text = edit(source);
    if (text === source) throw new Error(`${name}/${file} is not what it was: see lib/slim-*.ts`);
    return [file, text];
  });

/**
 * Folder of a copy of an installed package with some files edited, from which a bundler can drop what is not used; made
 * once a version. @throws Error where the package is not what the edits are for
 */
export const slimCopy = (slim: SlimPackage): string => {
  const { name, folder = '.' } = slim;
  const { version } = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'));
  const copy = join(ROOT, '.novacron/slim', `${name.replace('/', '+')}-${version}-${makers()}`);
  if (existsSync(copy)) return copy;
  const texts = edited(slim);
  const draft = `${copy}.${process.pid}`;
  cpSync(join(installed(name), folder), join(draft, folder), { recursive: true });
  // A client reads its version from its manifest, and a bundler would keep the whole of it.
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ name, version, sideEffects: false }));
  for (const [file, text] of texts) writeFileSync(join(draft, file), text);
  moveInto(draft, copy);
  return copy;
};
