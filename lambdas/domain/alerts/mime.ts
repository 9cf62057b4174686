import type { MailAddress } from './mail-addresses.ts';

/** A mail as it is sent (RFC 5322, RFC 2045 to 2047): in ASCII, whatever it says. */

/** Of an encoded word, whose 75 characters (RFC 2047, 2) have as many bytes in base64. */
const WORD_BYTES = 45;
/** Of a line, RFC 5322, 2.1.1: should, and must. */
const LINE = 78;
const LONGEST_LINE = 998;

const clean = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** Parts of a text that have so many bytes at most, and whole characters. */
const partsOf = (text: string): string[] => {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (Buffer.byteLength(part + character) > WORD_BYTES) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
};

const isPlain = (text: string): boolean =>
  /^[\x20-\x7e]*$/.test(text) &&
  !text.includes('=?') &&
  text.split(' ').every(({ length }) => length < LONGEST_LINE / 2);

/** A text as a header takes it: as it is, else in encoded words. */
export const headerText = (text: string): string => {
  const said = clean(text);
  if (isPlain(said)) return said;
  return partsOf(said)
    .map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`)
    .join(' ');
};

const nameText = (name: string): string => {
  const said = headerText(name);
  return said.startsWith('=?') ? said : `"${said.replace(/["\\]/g, '\\$&')}"`;
};

/** Addresses as a header takes them. */
export const addressText = (addresses: readonly MailAddress[]): string =>
  addresses.map(({ name, address }) => (name === undefined ? address : `${nameText(name)} <${address}>`)).join(', ');

/** A header with a line's end before each word that would make a line too long. */
const headerLine = ([name, value]: readonly [string, string]): string => {
  const lines = [`${name}:`];
  for (const word of value.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length < LINE || line === `${name}:`) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(` ${word}`);
  }
  return lines.join('\r\n');
};

/** Lines of base64 hold no `-`, so that this is in no part. */
const BOUNDARY = '--=_novacron';

const partOf = (type: string, body: string): string =>
  [
    `--${BOUNDARY}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(body)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
  ].join('\r\n');

/** A mail: its headers, whose values are as `headerText` and `addressText` write them, and what it says, in one form or two. */
export interface Mail {
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
  readonly html?: string;
}

/** The mail as it goes over the wire; clients show the last form that they can, which is HTML. */
export const mimeMessage = ({ headers, text, html }: Mail): string =>
  [
    ...headers.map(headerLine),
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${BOUNDARY}"`,
    '',
    partOf('text/plain', text),
    ...(html === undefined ? [] : [partOf('text/html', html)]),
    `--${BOUNDARY}--`,
    '',
  ].join('\r\n');
