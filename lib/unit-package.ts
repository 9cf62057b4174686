import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

interface PackedFile {
  readonly name: string;
  readonly data: Buffer;
}

/**
 * The host unit as EnrolHost carries it: base64 of its files (bare of comments), gzipped together, the same for the same sources on every machine.
 * Its version is `<protocol>-<12 hex of its files' digest>`; a host refuses verbs of another protocol only.
 */
export const unitPackage = (directory: string): { readonly version: string; readonly base64: string } => {
  const files = filesOf(directory, '');
  const version = `${protocolOf(directory)}-${digestOf(files)}`;
  const all = bundleOf([...files, { name: 'VERSION', data: Buffer.from(`${version}\n`) }]);
  const gzip = gzipSync(all, { level: constants.Z_BEST_COMPRESSION });
  // The header's byte 9 names the packing machine's system: constant, so that the document is.
  gzip.writeUInt8(255, 9);
  return { version, base64: gzip.toString('base64') };
};

const filesOf = (directory: string, under: string): PackedFile[] =>
  readdirSync(join(directory, under), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : filesOf(directory, name);
      return /\.p[yl]$/.test(entry.name) ? [{ name, data: bare(readFileSync(join(directory, name), 'utf8')) }] : [];
    });

/**
 * Python or Perl source as a host runs it: without docstrings and comment lines, which were a quarter of a full document. Each line keeps its
 * number, by which a traceback names it; strings of several lines are kept as they are.
 */
const bare = (source: string): Buffer =>
  Buffer.from(
    source.replace(/^( *)"""[\s\S]*?"""$|"""[\s\S]*?"""|^ *#.*$/gm, (text, indent: string | undefined) => {
      if (indent !== undefined) return `${indent}""${'\n'.repeat(text.split('\n').length - 1)}`;
      return text.startsWith('"""') ? text : '';
    }),
  );

const protocolOf = (directory: string): string => {
  const text = readFileSync(join(directory, 'novacron_host', '__init__.py'), 'utf8');
  const [, protocol] = text.match(/^PROTOCOL = (\d+)$/m) ?? [];
  if (protocol === undefined) throw new Error(`${directory}/novacron_host/__init__.py has no PROTOCOL.`);
  return protocol;
};

const digestOf = (files: readonly PackedFile[]): string => {
  const hash = createHash('sha256');
  for (const { name, data } of files) hash.update(`${name}\0${data.length}\0`).update(data);
  return hash.digest('hex').slice(0, 12);
};

/** One line of JSON with names and sizes, then the contents: a tar's headers would be a thirtieth of a document that is nearly full. */
const bundleOf = (files: readonly PackedFile[]): Buffer => {
  const list = files.map(({ name, data }) => [name, data.length]);
  return Buffer.concat([Buffer.from(`${JSON.stringify(list)}\n`), ...files.map(({ data }) => data)]);
};
