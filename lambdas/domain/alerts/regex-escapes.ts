import {
  perlRunes,
  posixRunes,
  type Runes,
  type RuneTest,
  runesBetween,
  testOf,
  unicodeRunes,
} from './regex-classes.ts';
import type { PatternReader } from './regex-reader.ts';

/** What stands behind a backslash or between brackets, and means one rune or some. */
const SIMPLE: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A digit alone would be what a group was, which is not known here. */
const OCTAL = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/;
const HEX = /^x(?:([\da-fA-F]{2})|\{([\da-fA-F]+)\})/;

const unicodeOf = (reader: PatternReader, isOthers: boolean): Runes => {
  const isLong = reader.takes('{');
  const name = (isLong ? reader.upTo('}') : reader.peek()) ?? '';
  if (!isLong) reader.skip(1);
  const isNegated = name.startsWith('^');
  const runes = unicodeRunes(name.slice(isNegated ? 1 : 0), isOthers !== isNegated);
  if (runes === undefined) throw reader.wrong('invalid character class range');
  return runes;
};

/** `\d` and its like, `\pL` and `\p{Greek}`; nothing where there is none. */
export const escapedRunes = (reader: PatternReader): Runes | undefined => {
  const letter = reader.peek(1);
  const perl = perlRunes(letter);
  if (reader.peek() !== '\\' || (perl === undefined && letter.toLowerCase() !== 'p')) return undefined;
  reader.skip(2);
  return perl ?? unicodeOf(reader, letter === 'P');
};

const codeOf = (reader: PatternReader, rune: string): number => {
  const simple = SIMPLE[rune];
  if (simple !== undefined) return simple;
  if (rune > '\u007f' || /^[0-9A-Za-z]$/.test(rune)) throw reader.wrong('invalid escape sequence');
  return rune.codePointAt(0) ?? 0;
};

/** One rune that is written with a backslash, by its code. */
export const escapedCode = (reader: PatternReader): number => {
  reader.skip(1);
  const rune = reader.peek();
  if (rune === '') throw reader.wrong('trailing backslash at end of expression');
  const near = reader.near(40);
  const [octal] = OCTAL.exec(near) ?? [];
  const [hex, short, long] = HEX.exec(near) ?? [];
  reader.skip((octal ?? hex ?? rune.slice(0, 1)).length);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  if (hex === undefined) return codeOf(reader, rune);
  const code = Number.parseInt(short ?? long ?? '', 16);
  if (code > 0x10_ffff) throw reader.wrong('invalid escape sequence');
  return code;
};

/** `[:alpha:]`; where it does not end it is a bracket and a colon. */
const posixOf = (reader: PatternReader): Runes | undefined => {
  const [all, name = ''] = /^\[:(.*?):\]/s.exec(reader.near(Number.POSITIVE_INFINITY)) ?? [];
  if (all === undefined) return undefined;
  const runes = posixRunes(name);
  if (runes === undefined) throw reader.wrong('invalid character class range');
  reader.skip(Array.from(all).length);
  return runes;
};

const codeWithin = (reader: PatternReader): number => {
  const rune = reader.peek();
  if (rune === '') throw reader.wrong('missing closing ]');
  if (rune === '\\') return escapedCode(reader);
  reader.skip(1);
  return rune.codePointAt(0) ?? 0;
};

const partOf = (reader: PatternReader): Runes => {
  const named = reader.peek() === '[' && reader.peek(1) === ':' ? posixOf(reader) : undefined;
  const part = named ?? escapedRunes(reader);
  if (part !== undefined) return part;
  const low = codeWithin(reader);
  if (reader.peek() !== '-' || reader.peek(1) === ']' || reader.peek(1) === '') return runesBetween(low, low);
  reader.skip(1);
  const high = codeWithin(reader);
  if (high < low) throw reader.wrong('invalid character class range');
  return runesBetween(low, high);
};

/** What stands between brackets. */
export const classOf = (reader: PatternReader, isFolded: boolean): RuneTest => {
  reader.skip(1);
  const isOthers = reader.takes('^');
  const runes = [partOf(reader)];
  // A bracket that comes first is one of them.
  while (reader.peek() !== ']') runes.push(partOf(reader));
  reader.skip(1);
  const test = testOf(runes, isFolded);
  return isOthers ? (rune) => !test(rune) : test;
};
