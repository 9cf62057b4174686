import { isFound, replacedAll } from '../regex.ts';
import { type Callable, callable } from './callable.ts';
import { eq, lt } from './compare.ts';
import { Misuse } from './error.ts';
import { htmlEscaped, jsEscaped, queryEscaped } from './escape.ts';
import { sprint, sprintf, sprintln } from './printf.ts';
import { int, isTrue, type Slice, strings, textOf, typeOf, type Value } from './values.ts';
import { lowered, titled, trimmed, uppered } from './words.ts';

/** The functions of templates: Go's own (text/template/funcs.go) and Alertmanager's (template/template.go of 0.25). */

const lengthOf = (value: Value): number => {
  const text = textOf(value);
  if (text !== undefined) return Buffer.byteLength(text);
  if (typeof value === 'object' && value.kind === 'slice') return value.items.length;
  if (typeof value === 'object' && value.kind === 'kv') return value.entries.size;
  throw new Misuse(`a ${typeOf(value)} has no length`);
};

const placeIn = (value: Value, length: number): number => {
  if (typeof value !== 'object' || value.kind !== 'int') throw new Misuse(`a ${typeOf(value)} is no index`);
  const at = value.value;
  if (at < 0n || at >= BigInt(length)) throw new Misuse(`index ${at} is out of range: there are ${length}`);
  return Number(at);
};

const itemOf = (of: Value, index: Value): Value => {
  const text = textOf(of);
  if (text !== undefined) {
    const bytes = Buffer.from(text);
    return int(bytes[placeIn(index, bytes.length)] ?? 0, 'uint8');
  }
  if (typeof of === 'object' && of.kind === 'slice') return of.items[placeIn(index, of.items.length)];
  if (typeof of === 'object' && of.kind === 'kv') {
    if (typeof index === 'string') return of.entries.get(index) ?? '';
    throw new Misuse(`a ${typeOf(index)} is no name`);
  }
  throw new Misuse(`a ${typeOf(of)} has no items`);
};

const sliced = (of: Value, ...indexes: Value[]): Value => {
  const text = textOf(of);
  const isSlice = typeof of === 'object' && of.kind === 'slice';
  if (text === undefined && !isSlice) throw new Misuse(`a ${typeOf(of)} has no parts`);
  if (indexes.length > (text === undefined ? 3 : 2)) throw new Misuse('too many indexes');
  const length = lengthOf(of);
  // A part of a list may go as far as what it was cut from.
  const [from = 0, to = length, most = length] = indexes.map((index) => placeIn(index, length + 1));
  if (from > to || to > most) throw new Misuse(`from ${from} to ${to} there is nothing`);
  if (text === undefined) return { ...(of as Slice), items: (of as Slice).items.slice(from, to) };
  const part = Buffer.from(text).subarray(from, to).toString();
  return typeof of === 'string' ? part : { kind: 'html', text: part };
};

/** The text of all that a function is given, which is printed where it is more than one text. */
const said = (values: readonly Value[]): string => {
  const [first] = values;
  if (values.length === 1 && typeof first === 'string') return first;
  return sprint(values.map((value) => value ?? '<no value>'));
};

const GO: readonly (readonly [string, Callable])[] = [
  // These two are told apart by who evaluates: they end at the first that decides.
  ['and', callable(['any'], (...values) => values.at(-1), 'any')],
  ['or', callable(['any'], (...values) => values.at(-1), 'any')],
  ['not', callable(['any'], (value) => !isTrue(value))],
  ['len', callable(['any'], (value) => int(lengthOf(value)))],
  ['index', callable(['any'], (of, ...indexes) => indexes.reduce(itemOf, known(of)), 'any')],
  ['slice', callable(['any'], (of, ...indexes) => sliced(of, ...indexes), 'any')],
  ['print', callable([], (...values) => sprint(values), 'any')],
  ['println', callable([], (...values) => sprintln(values), 'any')],
  ['printf', callable(['string'], (layout, ...values) => sprintf(String(layout), values), 'any')],
  ['html', callable([], (...values) => htmlEscaped(said(values)), 'any')],
  ['js', callable([], (...values) => jsEscaped(said(values)), 'any')],
  ['urlquery', callable([], (...values) => queryEscaped(said(values)), 'any')],
  ['eq', callable(['any'], (first, ...others) => eq(first, others), 'any')],
  ['ne', callable(['any', 'any'], (a, b) => !eq(a, [b]))],
  ['lt', callable(['any', 'any'], lt)],
  ['le', callable(['any', 'any'], (a, b) => lt(a, b) || eq(a, [b]))],
  ['gt', callable(['any', 'any'], (a, b) => !lt(a, b) && !eq(a, [b]))],
  ['ge', callable(['any', 'any'], (a, b) => !lt(a, b))],
  [
    'call',
    callable(
      ['any'],
      (of) => {
        throw new Misuse(`a ${typeOf(of)} is nothing to call: no data of an alert is a function`);
      },
      'any',
    ),
  ],
];

const known = (value: Value): Value => {
  if (value === undefined) throw new Misuse('there is nothing to look into');
  return value;
};

const textsOf = (value: Value): string[] => (value as Slice).items.map(String);

const ALERTMANAGERS: readonly (readonly [string, Callable])[] = [
  ['toUpper', callable(['string'], (text) => uppered(String(text)))],
  ['toLower', callable(['string'], (text) => lowered(String(text)))],
  ['title', callable(['string'], (text) => titled(String(text)))],
  ['trimSpace', callable(['string'], (text) => trimmed(String(text)))],
  ['join', callable(['string', '[]string'], (by, texts) => textsOf(texts).join(String(by)))],
  ['match', callable(['string', 'string'], (pattern, text) => isFound(String(pattern), String(text)))],
  ['safeHtml', callable(['string'], (text) => ({ kind: 'html', text: String(text) }))],
  [
    'reReplaceAll',
    callable(['string', 'string', 'string'], (pattern, by, text) =>
      replacedAll(String(pattern), String(by), String(text)),
    ),
  ],
  ['stringSlice', callable([], (...texts) => strings(texts.map(String)), 'string')],
];

export const FUNCTIONS: ReadonlyMap<string, Callable> = new Map([...GO, ...ALERTMANAGERS]);

/** What a template may name. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set(FUNCTIONS.keys());
