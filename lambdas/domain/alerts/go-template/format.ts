import { quoted } from '../go-text.ts';
import { Misuse } from './error.ts';
import { floatText } from './floats.ts';
import { durationText, monthName, timeText, weekdayName } from './times.ts';
import { type Int, typeOf, type Value } from './values.ts';

/** One value as Go's fmt prints it, by a verb and its flags. */

export interface Flags {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

export const PLAIN: Flags = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

export const padded = (text: string, { width = 0, minus, zero }: Flags): string => {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
};

/** What is printed of a value by a verb that it does not have: nothing that its type says of itself. */
const badVerb = (verb: string, value: Value, flags: Flags): string =>
  value === undefined ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}=${bare(value, flags)})`;

const bare = (value: Value, flags: Flags): string => {
  if (typeof value === 'number') return numberText(value, 'g', flags);
  if (typeof value === 'object' && value.kind === 'int') return wholeText(value.value, 'd', flags);
  return format(value, 'v', { ...flags, sharp: false });
};

const signOf = (isNegative: boolean, { plus, space }: Flags): string => {
  if (isNegative) return '-';
  if (plus) return '+';
  return space ? ' ' : '';
};

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

const prefixOf = (verb: string, digits: string, { sharp }: Flags): string => {
  if (verb === 'O') return '0o';
  if (!sharp) return '';
  if (verb === 'o') return digits.startsWith('0') ? '' : '0';
  return { b: '0b', x: '0x', X: '0X' }[verb] ?? '';
};

const wholeText = (value: bigint, verb: string, flags: Flags): string => {
  const { precision, zero, width = 0 } = flags;
  if (precision === 0 && value === 0n) return padded('', { ...flags, zero: false });
  const isNegative = value < 0n;
  const sign = signOf(isNegative, flags);
  const text = (isNegative ? -value : value).toString(BASES[verb]);
  const least = precision ?? (zero ? width - sign.length : 0);
  const digits = (verb === 'X' ? text.toUpperCase() : text).padStart(least, '0');
  return padded(`${sign}${prefixOf(verb, digits, flags)}${digits}`, { ...flags, zero: false });
};

const runeOf = (value: bigint): string => {
  const isRune = value >= 0n && value <= 0x10_ffffn && (value < 0xd800n || value > 0xdfffn);
  return isRune ? String.fromCodePoint(Number(value)) : '\ufffd';
};

const quotedRune = (value: bigint): string => {
  const rune = runeOf(value);
  if (rune === "'") return "'\\''";
  return rune === '"' ? `'"'` : `'${quoted(rune).slice(1, -1)}'`;
};

const intText = (of: Int, verb: string, flags: Flags): string => {
  const { value } = of;
  if (verb in BASES) return wholeText(value, verb, flags);
  switch (verb) {
    case 'c':
      return padded(runeOf(value), flags);
    case 'q':
      return padded(quotedRune(value), flags);
    case 'U':
      return padded(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, { ...flags, zero: false });
    default:
      return badVerb(verb, of, flags);
  }
};

const numberText = (value: number, verb: string, flags: Flags): string => {
  if ('bxX'.includes(verb)) throw new Misuse(`%${verb} of a fraction is not known here`);
  if (!'veEfFgG'.includes(verb)) return badVerb(verb, value, flags);
  const { zero, width = 0, precision } = flags;
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = signOf(isNegative, flags);
  const text = floatText(Math.abs(value), verb === 'v' ? 'g' : verb, precision);
  return zero ? sign + text.padStart(width - sign.length, '0') : padded(sign + text, flags);
};

/** The bytes of a text in base 16, with a space between where it is asked for. */
const hexText = (text: string, verb: string, { precision, space, sharp }: Flags): string => {
  const bytes = Array.from(Buffer.from(text).subarray(0, precision), (byte) => byte.toString(16).padStart(2, '0'));
  if (bytes.length === 0) return '';
  const all = bytes.join(space ? (sharp ? ' 0x' : ' ') : '');
  const said = sharp ? `0x${all}` : all;
  return verb === 'X' ? said.toUpperCase() : said;
};

const ascii = (text: string): string =>
  text.replace(/[^\p{ASCII}]/gu, (rune) => {
    const code = rune.codePointAt(0) ?? 0;
    return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });

const quotedText = (text: string, { sharp, plus }: Flags): string => {
  if (sharp && !/(?!\t)\p{Cc}|[`\ufeff]/u.test(text)) return `\`${text}\``;
  return plus ? ascii(quoted(text)) : quoted(text);
};

const stringText = (text: string, verb: string, flags: Flags): string => {
  if (verb === 'x' || verb === 'X') return padded(hexText(text, verb, flags), flags);
  const { precision } = flags;
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  return padded(
    verb === 'q' || (verb === 'v' && flags.sharp)
      ? quotedText(cut, { ...flags, sharp: flags.sharp && verb === 'q' })
      : cut,
    flags,
  );
};

/** What a value says of itself where it has a text of its own. */
const saidBy = (value: Value): string | undefined => {
  if (typeof value !== 'object') return undefined;
  if (value.kind === 'time') return timeText(value.ns);
  if (value.kind !== 'int') return undefined;
  switch (value.type) {
    case 'time.Duration':
      return durationText(value.value);
    case 'time.Month':
      return monthName(value.value);
    case 'time.Weekday':
      return weekdayName(value.value);
    default:
      return undefined;
  }
};

type Composite = Extract<Value, { readonly kind: 'slice' | 'kv' | 'struct' | 'time' }>;

const compositeText = (value: Composite, verb: string, flags: Flags): string => {
  const each = (item: Value): string => format(item, verb, flags);
  const isGo = verb === 'v' && flags.sharp;
  const joined = (items: readonly string[]): string => items.join(isGo ? ', ' : ' ');
  switch (value.kind) {
    case 'time':
      throw new Misuse(`%${isGo ? '#' : ''}${verb} of a time is not known here`);
    case 'slice': {
      const items = joined(value.items.map(each));
      return isGo ? `${value.type}{${items}}` : `[${items}]`;
    }
    case 'kv': {
      const items = joined(Array.from(value.entries, ([name, text]) => `${each(name)}:${each(text)}`));
      return isGo ? `template.KV{${items}}` : `map[${items}]`;
    }
    case 'struct': {
      const isNamed = verb === 'v' && (flags.plus || flags.sharp);
      const items = joined(
        Array.from(value.fields, ([name, item]) => (isNamed ? `${name}:${each(item)}` : each(item))),
      );
      return isGo ? `${value.type}{${items}}` : `{${items}}`;
    }
  }
};

/** A value, by a verb and its flags. @throws Misuse where this is not known here */
export function format(value: Value, verb: string, flags: Flags): string {
  if (value === undefined) return 'v' === verb ? padded('<nil>', flags) : badVerb(verb, value, flags);
  const said = 'vsxXq'.includes(verb) && !(verb === 'v' && flags.sharp) ? saidBy(value) : undefined;
  // Stringers that %+v prints are printed without the sign.
  if (said !== undefined) return stringText(said, verb, verb === 'v' ? { ...flags, plus: false } : flags);
  switch (typeof value) {
    case 'boolean':
      return 'tv'.includes(verb) ? padded(String(value), flags) : badVerb(verb, value, flags);
    case 'number':
      return numberText(value, verb, verb === 'v' ? { ...flags, plus: false } : flags);
    case 'string':
      return 'vsqxX'.includes(verb) ? stringText(value, verb, flags) : badVerb(verb, value, flags);
    default:
      break;
  }
  if (value.kind === 'int') return intText(value, verb, verb === 'v' ? { ...flags, plus: false, sharp: false } : flags);
  if (value.kind === 'html')
    return 'vsqxX'.includes(verb) ? stringText(value.text, verb, flags) : badVerb(verb, value, flags);
  return compositeText(value, verb, flags);
}
