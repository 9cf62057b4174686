import type { NumberNode } from './nodes.ts';

/** Literals as Go writes them (strconv.Unquote and text/template/parse/node.go of Go 1.19). */

const SHORT: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const ESCAPE = /\\(?:([abfnrtv\\])|(['"])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.|$))/gs;

const isRune = (code: number): boolean => code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);

/** Bytes that are written one by one are read as UTF-8 with what stands around them. */
const unescaped = (body: string, quote: string): string | undefined => {
  const parts: Buffer[] = [];
  let last = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const [whole, short, quoted, byte, four, eight, octal] = match;
    parts.push(Buffer.from(body.slice(last, match.index)));
    last = match.index + whole.length;
    const code = Number.parseInt(four ?? eight ?? '0', 16);
    const single = byte === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(byte, 16);
    if (short !== undefined) parts.push(Buffer.from(SHORT[short] ?? ''));
    else if (quoted === quote) parts.push(Buffer.from(quoted));
    else if (four ?? eight) {
      if (!isRune(code)) return undefined;
      parts.push(Buffer.from(String.fromCodePoint(code)));
    } else if ((byte ?? octal) && single < 256) parts.push(Buffer.from([single]));
    else return undefined;
  }
  parts.push(Buffer.from(body.slice(last)));
  return Buffer.concat(parts).toString();
};

/** What a text in quotes or in back quotes says; nothing where it is none. */
export const unquoted = (literal: string): string | undefined =>
  literal.startsWith('`') ? literal.slice(1, -1).replaceAll('\r', '') : unescaped(literal.slice(1, -1), '"');

/** Digits after a prefix, which may be parted by single lines, before the first of them, too. */
const digitsOf = (digits: string): string => `_?[${digits}]+(?:_[${digits}]+)*`;

const INTEGER = new RegExp(
  `^[-+]?(?:0[xX]${digitsOf('\\da-fA-F')}|0[bB]${digitsOf('01')}|0[oO]?${digitsOf('0-7')}|0|[1-9]\\d*(?:_\\d+)*)$`,
);
const FLOAT = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?$/;

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

const integerOf = (text: string): bigint => {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const value = BigInt(digits.replace(/^0(?=\d)/, '0o'));
  return text.startsWith('-') ? -value : value;
};

type Read = Omit<NumberNode, 'at'> | string;

/** A number, or what is wrong with it. */
export const numberOf = (text: string): Read => {
  if (text.endsWith('i')) return 'complex numbers are not known here';
  if (INTEGER.test(text)) {
    const int = integerOf(text);
    return isInt64(int) ? { kind: 'number', int, float: Number(int), isFloat: false } : `${text} is too large`;
  }
  if (!FLOAT.test(text)) return `${text} is no number`;
  const float = Number(text.replaceAll('_', ''));
  if (!/[.eE]/.test(text) || !Number.isFinite(float)) return `${text} is too large, or no number`;
  const int = Number.isInteger(float) && isInt64(BigInt(float)) ? BigInt(float) : undefined;
  return { kind: 'number', int, float, isFloat: true };
};

/** The number of a character in single quotes, or what is wrong with it. */
export const characterOf = (literal: string): Read => {
  const text = unescaped(literal.slice(1, -1), "'");
  const [rune = '', ...more] = Array.from(text ?? '');
  if (text === undefined || rune === '' || more.length > 0) return `${literal} is no character`;
  const code = rune.codePointAt(0) ?? 0;
  return { kind: 'number', int: BigInt(code), float: code, isFloat: false };
};
