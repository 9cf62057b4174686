import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { raise } from '../../domain/faults.ts';
import type { VmSpec } from '../../domain/vm.ts';

/** Reads the encrypted object in which user-data waits for its launch; it never travels in a row, a state or a log. */
export type ReadUserData = (key: string) => Promise<string>;

/** EC2 takes 16 KB of user-data before base64 ("Run commands on your Linux instance at launch", EC2 User Guide). */
const LIMIT_BYTES = 16_384;

/** A JSON string is a YAML double-quoted scalar too: nothing in it can end it. */
const scalar = (text: string): string => JSON.stringify(text);

/** Hostname and keys of the request; EC2 has no other place for a second key or a hostname. */
const cloudConfig = ({ hostname, sshKeys }: VmSpec): string =>
  [
    '#cloud-config',
    `hostname: ${scalar(hostname)}`,
    ...(sshKeys.length > 0 ? ['ssh_authorized_keys:', ...sshKeys.map((key) => `  - ${scalar(key)}`)] : []),
    '',
  ].join('\n');

/** cloud-init tells the kind of a part by its first line, so text/plain serves every kind; a MIME archive nests as it is. */
const part = (boundary: string, text: string): string =>
  /^(Content-Type|MIME-Version):/i.test(text)
    ? `--${boundary}\n${text}\n`
    : `--${boundary}\nContent-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\n\n${text}\n`;

/** One MIME archive of our cloud-config and the user's own; ours first, so that the user's has the last word. */
const together = (ours: string, theirs: string): string => {
  // A hash of both parts cannot occur in them.
  const boundary = `novacron-${createHash('sha256').update(ours).update(theirs).digest('hex').slice(0, 24)}`;
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n`,
    part(boundary, ours),
    part(boundary, theirs),
    `--${boundary}--\n`,
  ].join('');
};

/** What is too large is packed: cloud-init unpacks it by itself. The same text always packs to the same bytes. */
const packed = (text: string): Buffer => {
  const plain = Buffer.from(text, 'utf8');
  return plain.length <= LIMIT_BYTES ? plain : gzipSync(plain, { level: 9 });
};

/** The UserData parameter of RunInstances: base64 of at most 16 KB. @throws SpecRefused where it is larger even when packed */
export const userDataOf = async (spec: VmSpec, read: ReadUserData): Promise<string> => {
  const ours = cloudConfig(spec);
  const text = spec.userDataKey === undefined ? ours : together(ours, await read(spec.userDataKey));
  const bytes = packed(text);
  return bytes.length <= LIMIT_BYTES
    ? bytes.toString('base64')
    : raise('SpecRefused', `User-data is ${bytes.length} bytes even when packed; EC2 takes ${LIMIT_BYTES}.`);
};
