import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

/** Ustar's block: headers and contents are padded to it. */
const BLOCK = 512;
const FILE_MODE = '0000644';
/** Width of an octal number in a ustar header, its end included. */
const NUMBER = 12;

interface PackedFile {
  readonly name: string;
  readonly data: Buffer;
}

/**
 * The host unit as EnrolHost carries it: base64 of a gzipped tar, the same for the same sources on every machine.
 * Its version is `<protocol>-<12 hex of its sources' digest>`; a host refuses verbs of another protocol only.
 */
export const unitPackage = (directory: string): { readonly version: string; readonly base64: string } => {
  const files = filesOf(directory, '');
  const version = `${protocolOf(directory)}-${digestOf(files)}`;
  const tar = tarOf([...files, { name: 'VERSION', data: Buffer.from(`${version}\n`) }]);
  const gzip = gzipSync(tar, { level: constants.Z_BEST_COMPRESSION });
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
      return entry.name.endsWith('.py') ? [{ name, data: readFileSync(join(directory, name)) }] : [];
    });

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

const tarOf = (files: readonly PackedFile[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(({ name, data }) => [headerOf(name, data.length), padded(data)]),
    Buffer.alloc(2 * BLOCK),
  ]);

const padded = (data: Buffer): Buffer => Buffer.concat([data], Math.ceil(data.length / BLOCK) * BLOCK);

/** POSIX ustar header of a plain file of root's, at time 0. */
const headerOf = (name: string, size: number): Buffer => {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(FILE_MODE, 100);
  header.write('0000000', 108);
  header.write('0000000', 116);
  header.write(size.toString(8).padStart(NUMBER - 1, '0'), 124);
  header.write('0'.repeat(NUMBER - 1), 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
};
