/** Text as Go prints it: group keys and payloads are compared by what others, who are written in Go, make of the same. */

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

const quotedRune = (rune: string): string => {
  const code = rune.codePointAt(0) ?? 0;
  const short = SHORT[rune];
  if (short !== undefined) return short;
  if (PRINTABLE.test(rune)) return rune;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
};

/** In quotes, as `%q` prints it. */
export const quoted = (text: string): string => `"${Array.from(text, quotedRune).join('')}"`;

const unicodeEscape = (character: string): string => `\\u${hex(character.charCodeAt(0), 4)}`;

/** As `encoding/json` prints it, a line: fit for HTML, and with two of JSON's short escapes spelt out. */
export const goJson = (value: unknown): string =>
  `${JSON.stringify(value)
    .replace(/\\(.)/g, (whole, character) => ({ b: '\\u0008', f: '\\u000c' })[String(character)] ?? whole)
    .replace(/[<>&\u2028\u2029]/g, unicodeEscape)}\n`;

/** RFC 3339 with no more digits of a second than it has. */
export const goTime = (at: string): string => new Date(at).toISOString().replace(/\.?0{0,3}Z$/, 'Z');

/** The time that Go means by none. */
export const GO_ZERO_TIME = '0001-01-01T00:00:00Z';

/** With all that a regular expression would read taken literally. */
export const quoteMeta = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

/** The order of Go's texts, by their UTF-8 bytes; UTF-16 has another beyond U+FFFF. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
